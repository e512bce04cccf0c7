import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { loadConfig } from '#libs/config/load-config.js';

import { ROOT } from './dockerfile.js';

/** What https://litestream.io/reference/config/ names for version 0.5, as far as it is about S3. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  '': ['dbs', 'snapshot', 'levels', 'l0-retention', 'l0-retention-check-interval', 'logging', 'addr', 'exec'],
  dbs: [
    'path',
    'meta-path',
    'monitor-interval',
    'checkpoint-interval',
    'busy-timeout',
    'min-checkpoint-page-count',
    'replica',
  ],
  'dbs.replica': [
    ...['type', 'bucket', 'path', 'region', 'endpoint', 'access-key-id', 'secret-access-key', 'force-path-style'],
    ...['sync-interval', 'validation-interval', 'skip-verify', 'sign-payload', 'part-size', 'concurrency'],
  ],
  snapshot: ['interval', 'retention'],
};

type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

function keysOf(value: Yaml, path = ''): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((item: Yaml) => keysOf(item, path));
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [path, key] as const,
    ...keysOf(inner, [path, key].filter(Boolean).join('.')),
  ]);
}

describe('deploy/litestream.yml', () => {
  const text = readFileSync(join(ROOT, 'deploy/litestream.yml'), 'utf8');
  const file = parse(text) as { readonly dbs: readonly { readonly path: string }[] };

  it('has only keys that Litestream knows', () => {
    const keys = keysOf(file);
    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter(([path, key]) => KNOWN[path]?.includes(key) !== true)).toEqual([]);
  });

  it('copies the database that Parceler uses, and nothing else', () => {
    const config = loadConfig(
      { directory: '/', given: { STORAGE_PATH: '/data' }, file: { entries: new Map(), mistakes: [] } },
      () => Buffer.alloc(32),
    );
    expect(file.dbs.map(({ path }) => path.replace('${STORAGE_PATH}', '/data'))).toEqual([
      config.database.driver === 'sqlite' ? config.database.file : undefined,
    ]);
  });

  it('takes from its environment what the guide and the compose file give it', () => {
    const used = new Set([...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name));
    const guide = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    const compose = readFileSync(join(ROOT, 'deploy/docker-compose.yml'), 'utf8');
    for (const name of used) {
      expect(guide).toMatch(new RegExp(`^${name}=`, 'm'));
      expect(compose).toMatch(new RegExp(`^ {6}${name}: `, 'm'));
    }
    expect(used.size).toBe(6);
  });
});
