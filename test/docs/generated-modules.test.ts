import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { isReachable, moduleGraph, picture, type Graph } from './module-picture.js';
import { generatedPart, ROOT } from './pages.js';

const FILE = resolve(ROOT, 'docs/architecture.md');

interface Cruised {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string }[];
  }[];
}

function cruise(): Graph {
  const args = [
    '--config',
    '.dependency-cruiser.cjs',
    '--exclude',
    String.raw`\.test\.ts$|/testing/|^dist`,
    '-T',
    'json',
  ];
  const { stdout, stderr } = spawnSync(resolve(ROOT, 'node_modules/.bin/depcruise'), [...args, 'apps', 'libs'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout === '') throw new Error(stderr);
  const { modules } = JSON.parse(stdout) as Cruised;
  return moduleGraph(
    modules.flatMap(({ source, dependencies }) => dependencies.map(({ resolved }) => [source, resolved] as const)),
  );
}

describe('the picture of modules in docs/architecture.md', () => {
  it('shows what imports what now (npm run docs:modules draws it anew)', () => {
    const page = readFileSync(FILE, 'utf8');
    const { part, with: withPart } = generatedPart(page, 'modules');
    const drawn = picture(cruise());
    if (process.env['DOCS'] === 'write') writeFileSync(FILE, withPart(drawn));
    else expect(part).toBe(drawn);
  }, 60_000);

  it('leaves out arrows that others lead along, and no more', () => {
    const graph = moduleGraph([
      ['libs/releases/a.ts', 'libs/syncing/b.ts'],
      ['libs/releases/a.ts', 'libs/snapshots/c.ts'],
      ['libs/syncing/b.ts', 'libs/snapshots/c.ts'],
      ['libs/syncing/b.ts', 'libs/kernel/errors.ts'],
      ['libs/syncing/b.ts', 'libs/syncing/d.ts'],
      ['libs/syncing/b.ts', 'node_modules/croner/index.js'],
    ]);
    expect(
      [...picture(graph).matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(([, from, to]) => `${from ?? ''} ${to ?? ''}`),
    ).toEqual(['releases syncing', 'syncing snapshots']);
    expect(isReachable(graph, 'releases', 'snapshots')).toBe(true);
    expect(isReachable(graph, 'snapshots', 'releases')).toBe(false);
  });
});
