import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeFolders } from './make-folders.js';

describe('makeFolders', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'folders-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it('makes what is missing, with the mode asked for, and says where it began', () => {
    expect(makeFolders(join(root, 'a/b/c'), 0o750)).toBe(join(root, 'a'));
    for (const made of ['a', 'a/b', 'a/b/c']) expect(statSync(join(root, made)).mode & 0o777).toBe(0o750);
  });

  it('says nothing was made when all were there, also behind a link', () => {
    symlinkSync(root, join(root, 'link'));
    expect(makeFolders(root)).toBeUndefined();
    expect(makeFolders(join(root, 'link'))).toBeUndefined();
    expect(makeFolders('/')).toBeUndefined();
  });

  it('says the one folder that was missing', () => {
    expect(makeFolders(join(root, 'a'))).toBe(join(root, 'a'));
  });

  it.each(['file', 'file/below'])('refuses "%s", where something else has the name', (path) => {
    writeFileSync(join(root, 'file'), '');
    expect(() => makeFolders(join(root, path))).toThrow(/EEXIST|ENOTDIR/);
  });

  it('ends where nothing can be made', () => {
    expect(() => makeFolders('/proc/nowhere')).toThrow('ENOENT');
    expect(() => makeFolders('/proc/nowhere/below')).toThrow('ENOENT');
  });

  it('ends behind a link that leads nowhere', () => {
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));
    expect(() => makeFolders(join(root, 'link'))).toThrow('EEXIST');
    expect(() => makeFolders(join(root, 'link/below'))).toThrow('EEXIST');
  });

  it('ends in a folder that was removed', () => {
    const gone = join(root, 'gone');
    mkdirSync(gone);
    const before = process.cwd();
    process.chdir(gone);
    try {
      rmSync(gone, { recursive: true });
      expect(() => makeFolders('/proc/self/cwd/below')).toThrow('ENOENT');
    } finally {
      process.chdir(before);
    }
  });
});
