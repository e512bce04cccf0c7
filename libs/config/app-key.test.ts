import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundleProgram } from '#libs/kernel/testing/bundle-program.js';

import { generateAppKey, keptAppKey } from './app-key.js';

describe('keptAppKey', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'app-key-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('makes a key that only the owner may read, once', () => {
    const file = join(folder, 'not/there/yet/app.key');
    const key = keptAppKey(file);
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'not')).mode & 0o007).toBe(0);
    expect(keptAppKey(file)).toEqual(key);
    expect(readdirSync(join(folder, 'not/there/yet'))).toEqual(['app.key']);
  });

  it('makes another one elsewhere', () => {
    expect(keptAppKey(join(folder, 'a'))).not.toEqual(keptAppKey(join(folder, 'b')));
  });

  it.each([
    ['nothing', ''],
    ['half a key', generateAppKey().slice(0, 30)],
    ['text', 'changeme'],
  ])('refuses a file that holds %s instead of making a new key over it', (_, content) => {
    const file = join(folder, 'app.key');
    writeFileSync(file, content);
    expect(() => keptAppKey(file)).toThrow(expect.objectContaining({ code: 'APP_KEY_DAMAGED', kind: 'invalid' }));
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('says so when no key can be kept', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => keptAppKey(join(folder, 'file/app.key'))).toThrow(
      expect.objectContaining({ code: 'APP_KEY_NOT_KEPT', kind: 'unavailable' }),
    );
  });

  it('is agreed on by processes that start at once', async () => {
    const { file, env } = bundleProgram(join(__dirname, 'testing/app-key-process.ts'));
    const children = Array.from({ length: 3 }, () => fork(file, { env, execArgv: [] }));
    await Promise.all(children.map((child) => once(child, 'message')));
    const answers = children.map(async (child) => (await once(child, 'message'))[0] as readonly string[]);
    for (const child of children) child.send(folder);
    const [first, ...others] = await Promise.all(answers);
    expect(first).toHaveLength(50);
    for (const other of others) expect(other).toEqual(first);
    expect(readdirSync(folder)).toHaveLength(50);
  });
});
