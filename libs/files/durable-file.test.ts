import fs, {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { flushFile, flushFolder, makeFolder, publishFile } from './durable-file.js';

let folder: string;
let draft: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'durable-'));
  draft = join(folder, 'draft');
  target = join(folder, 'target');
  writeFileSync(draft, 'new');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const failFlush = (): void => {
  jest.spyOn(fs, 'fsyncSync').mockImplementationOnce(() => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  });
};

it('flushes a file and a folder, and refuses to flush a file as a folder', () => {
  const descriptor = openSync(draft, 'r+');
  flushFile(descriptor);
  closeSync(descriptor);
  flushFolder(folder);
  expect(() => {
    flushFolder(draft);
  }).toThrow('ENOTDIR');
});

it.each([undefined, 'old'])('publishes a draft over %p, and flushes its folder', (old) => {
  if (old !== undefined) writeFileSync(target, old);
  const flush = jest.spyOn(fs, 'fsyncSync');
  publishFile(draft, target);
  expect(readFileSync(target, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['target']);
  expect(flush).toHaveBeenCalledTimes(1);
});

it('takes a new name back when its folder cannot be flushed (I-27)', () => {
  failFlush();
  expect(() => {
    publishFile(draft, target);
  }).toThrow('EIO');
  expect(readdirSync(folder)).toEqual([]);
});

it('brings the old file back when the folder cannot be flushed (I-27)', () => {
  writeFileSync(target, 'old');
  failFlush();
  expect(() => {
    publishFile(draft, target);
  }).toThrow('EIO');
  expect(readFileSync(target, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['target']);
});

it('leaves all as it was when the draft cannot be renamed', () => {
  writeFileSync(target, 'old');
  rmSync(draft);
  expect(() => {
    publishFile(draft, target);
  }).toThrow('ENOENT');
  expect(readFileSync(target, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['target']);
});

it.each([
  ['a/b/c', 3],
  ['a/b', 2],
  ['.', 0],
])('makes %s and flushes the folders in which %d names are new', (path, flushes) => {
  const flush = jest.spyOn(fs, 'fsyncSync');
  makeFolder(join(folder, path));
  expect(flush).toHaveBeenCalledTimes(flushes);
  makeFolder(join(folder, path));
  expect(flush).toHaveBeenCalledTimes(flushes);
  expect(existsSync(join(folder, path))).toBe(true);
});

it('flushes only above what was missing', () => {
  mkdirSync(join(folder, 'there'));
  const flushed: string[] = [];
  const { openSync: open } = fs;
  jest.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
    flushed.push(String(path));
    return open(path, ...rest);
  });
  makeFolder(join(folder, 'there/new/newer'));
  expect(flushed).toEqual([join(folder, 'there/new'), join(folder, 'there')]);
});
