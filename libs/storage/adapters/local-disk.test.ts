import { execFileSync } from 'node:child_process';
import fs, {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { makeFolder } from '#libs/files/durable-file.js';
import { HOUR } from '#libs/kernel/duration.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { type Disk } from '../disk.js';
import { keyPrefix, objectKey } from '../object-key.js';
import { contentOf, describeDisk, keysOf } from '../testing/disk.contract.js';
import { LocalDisk } from './local-disk.js';
import { openLocalDisk } from './open-local-disk.js';

const folder = mkdtempSync(join(tmpdir(), 'local-disk-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => jest.restoreAllMocks());

let roots = 0;
const newRoot = (): string => join(folder, String((roots += 1)));
const draftsOf = (root: string): string[] => readdirSync(join(root, '.drafts'));
const failure = (code: string): Error => Object.assign(new Error(`${code}: told to fail`), { code });

/** Node's own file handles, of which we make one method fail. */
async function fileHandles(): Promise<FileHandle> {
  const handle = await open('/dev/null');
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

describeDisk(
  'LocalDisk',
  () => openLocalDisk(newRoot()),
  { drafts: (disk) => Promise.resolve(draftsOf((disk as LocalDisk).root)) },
);

const a = objectKey('work/a');
let disk: LocalDisk;
beforeEach(async () => {
  disk = await openLocalDisk(newRoot());
});

describe('who may read it', () => {
  let umask: number;
  beforeEach(() => (umask = process.umask(0o022)));
  afterEach(() => process.umask(umask));

  it.each([
    ['our group, so that a web server may', 0o022, 0o750, 0o640],
    ['nobody else when the umask says so', 0o077, 0o700, 0o600],
    ['never all others', 0o000, 0o750, 0o640],
  ])('is %s', async (_, mask, folderMode, fileMode) => {
    process.umask(mask);
    const { root } = await openLocalDisk(join(newRoot(), 'storage/disk'));
    await new LocalDisk(root).write(objectKey('work/new/a'), Buffer.from('x'));
    makeFolder(join(root, 'blobs/ab'));
    const names = ['..', ...readdirSync(root, { recursive: true, encoding: 'utf8' })];
    const modes = names.map((name) => statSync(join(root, name))).map((state) => [state.isFile(), state.mode & 0o777]);
    expect(modes.filter(([isFile, mode]) => mode !== (isFile ? fileMode : folderMode))).toEqual([]);
    expect(modes.filter(([isFile]) => isFile)).toHaveLength(2);
  });
});

describe('a medium that fails', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EROFS', 'DISK_READ_ONLY'],
    ['EACCES', 'DISK_FAILED'],
    ['EIO', 'DISK_FAILED'],
  ])('rejects a write with %s as %s, and keeps the old object (T-22, T-30)', async (system, code) => {
    await disk.write(a, Buffer.from('old'));
    jest.spyOn(await fileHandles(), 'writeFile').mockRejectedValueOnce(failure(system));
    const attempt = disk.write(a, Readable.from([Buffer.from('new')]));
    await expect(attempt).rejects.toMatchObject({ kind: 'unavailable', code, cause: { code: system } });
    expect(await contentOf(disk, a)).toBe('old');
    expect(draftsOf(disk.root)).toEqual([]);
  });

  // The first flush is that of the bytes, the second that of the folder's names.
  describe.each([
    ['bytes', 1],
    ['name', 2],
  ])('when the flush of the %s fails (I-27, T-27)', (_, nth) => {
    const failNthFlush = async (): Promise<{ readonly flushed: unknown[] }> => {
      const handles = await fileHandles();
      const flushed: unknown[] = [];
      jest.spyOn(handles, 'sync').mockImplementation(async function (this: FileHandle) {
        flushed.push(this);
        if (flushed.length === nth) throw failure('EIO');
        await this.datasync();
      });
      return { flushed };
    };

    it('never shows a new object, nor flushes the same descriptor again', async () => {
      await disk.write(objectKey('work/other'), Buffer.from('x'));
      for (const method of ['write', 'writeIfAbsent'] as const) {
        const { flushed } = await failNthFlush();
        await expect(disk[method](a, Buffer.from('new'))).rejects.toMatchObject({ code: 'DISK_FAILED' });
        expect(new Set(flushed).size).toBe(flushed.length);
        expect(await disk.stat(a)).toBeUndefined();
        expect(draftsOf(disk.root)).toEqual([]);
        jest.restoreAllMocks();
      }
    });

    it('keeps the object that was to be replaced', async () => {
      await disk.write(a, Buffer.from('old'));
      await failNthFlush();
      await expect(disk.write(a, Buffer.from('new'))).rejects.toMatchObject({ code: 'DISK_FAILED' });
      expect(await contentOf(disk, a)).toBe('old');
      expect(draftsOf(disk.root)).toEqual([]);
    });
  });

  it('flushes bytes, new folders and the name before it answers (T-09)', async () => {
    const flush = jest.spyOn(await fileHandles(), 'sync');
    await disk.write(objectKey('one/two/a'), Buffer.from('x'));
    expect(flush).toHaveBeenCalledTimes(4); // the file; the root for "one", "one" for "two", "two" for "a"
  });

  it('gives an error of the medium while reading as an AppError on the stream (T-28)', async () => {
    await disk.write(a, Buffer.alloc(200_000));
    jest.spyOn(fs, 'read').mockImplementation((...call: unknown[]) => {
      (call.at(-1) as (error: Error) => void)(failure('EIO'));
    });
    await expect(text(await disk.read(a))).rejects.toMatchObject({ code: 'DISK_FAILED', cause: { code: 'EIO' } });
  });

  it('writes nothing where its volume is not mounted', async () => {
    rmSync(disk.root, { recursive: true });
    mkdirSync(disk.root);
    await expect(disk.write(objectKey('a'), Buffer.from('x'))).rejects.toMatchObject({ code: 'DISK_FAILED' });
    expect(readdirSync(disk.root)).toEqual([]);
  });
});

describe('a foreign hand in the folder', () => {
  it('does not follow a link when it writes or removes', async () => {
    const outside = newRoot();
    mkdirSync(join(outside, 'below'), { recursive: true });
    writeFileSync(join(outside, 'canary'), 'alive');
    mkdirSync(join(disk.root, 'source/openwrt'));
    symlinkSync(outside, join(disk.root, 'source/openwrt/link'));
    const through = objectKey('source/openwrt/link/canary');
    for (const attempt of [
      () => disk.write(through, Buffer.from('dead')),
      () => disk.writeIfAbsent(objectKey('source/openwrt/link/new/file'), Buffer.from('dead')),
      () => disk.remove(through),
      () => disk.removeAll(keyPrefix('source/openwrt/link/below')),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'DISK_LINK_REFUSED' });
    }
    expect(readFileSync(join(outside, 'canary'), 'utf8')).toBe('alive');
    expect(readdirSync(outside).sort()).toEqual(['below', 'canary']);
  });

  it('removes a link, and nothing behind it', async () => {
    const outside = newRoot();
    mkdirSync(outside);
    writeFileSync(join(outside, 'canary'), 'alive');
    mkdirSync(join(disk.root, 'source/openwrt'));
    symlinkSync(outside, join(disk.root, 'source/openwrt/link'));
    await disk.removeAll(keyPrefix('source/openwrt'));
    expect(existsSync(join(disk.root, 'source/openwrt'))).toBe(false);
    expect(existsSync(join(outside, 'canary'))).toBe(true);
  });

  it('replaces a link that stands for an object, not what it points at', async () => {
    const outside = join(folder, 'canary');
    writeFileSync(outside, 'alive');
    mkdirSync(join(disk.root, 'work'));
    symlinkSync(outside, join(disk.root, a));
    await disk.write(a, Buffer.from('mine'));
    expect(readFileSync(outside, 'utf8')).toBe('alive');
    expect(await contentOf(disk, a)).toBe('mine');
  });

  it('follows the links of the operator directly below the root', async () => {
    const volume = newRoot();
    mkdirSync(volume);
    rmSync(join(disk.root, 'source'), { recursive: true });
    symlinkSync(volume, join(disk.root, 'source'));
    await disk.write(objectKey('source/openwrt/a'), Buffer.from('x'));
    expect(readFileSync(join(volume, 'openwrt/a'), 'utf8')).toBe('x');
    expect(await keysOf(disk, keyPrefix('source'))).toEqual(['source/openwrt/a']);
  });

  it('takes only regular files for objects, and does not hang on a pipe (T-36)', async () => {
    mkdirSync(join(disk.root, 'work'));
    writeFileSync(join(disk.root, 'work/file'), 'x');
    symlinkSync('file', join(disk.root, 'work/link'));
    symlinkSync('.', join(disk.root, 'work/loop'));
    execFileSync('mkfifo', [join(disk.root, 'work/pipe')]);
    expect(await keysOf(disk, keyPrefix('work'))).toEqual(['work/file']);
    for (const name of ['link', 'loop', 'pipe']) {
      const key = objectKey('work', name);
      expect(await disk.stat(key)).toBeUndefined();
      await expect(disk.read(key)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    }
  });

  it('passes over names that no key can have, and removes them (T-35)', async () => {
    const work = join(disk.root, 'work');
    mkdirSync(work);
    for (const name of [Buffer.from([0xff, 0xfe]), Buffer.from('back\\slash'), Buffer.from('good')]) {
      writeFileSync(Buffer.concat([Buffer.from(`${work}/`), name]), 'x');
      mkdirSync(Buffer.concat([Buffer.from(`${work}/folder-`), name]));
      writeFileSync(Buffer.concat([Buffer.from(`${work}/folder-`), name, Buffer.from('/x')]), 'x');
    }
    expect(await keysOf(disk, keyPrefix('work'))).toEqual(['work/folder-good/x', 'work/good']);
    const folders: string[] = [];
    for await (const name of disk.folders(keyPrefix('work'))) folders.push(name);
    expect(folders).toEqual(['folder-good']);
    await disk.removeAll(keyPrefix('work'));
    expect(existsSync(work)).toBe(false);
  });
});

describe('its drafts', () => {
  const draftKey = objectKey('.drafts/x');

  it('are no objects', async () => {
    writeFileSync(join(disk.root, draftKey), 'x');
    expect(await keysOf(disk, keyPrefix())).toEqual(['.parceler-disk']);
    expect(await keysOf(disk, keyPrefix('.drafts'))).toEqual([]);
    for (const attempt of [
      () => disk.read(draftKey),
      () => disk.stat(draftKey),
      () => disk.write(draftKey, Buffer.from('y')),
      () => disk.remove(draftKey),
      () => disk.removeAll(keyPrefix('.drafts')),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'INVALID_OBJECT_KEY' });
    }
  });

  it('are swept once abandoned for an hour, not before (I-15)', async () => {
    const now = new Date();
    writeFileSync(join(disk.root, '.drafts/left'), 'half');
    utimesSync(join(disk.root, '.drafts/left'), 0, 0); // age counts from the last change, not from what a file claims
    await openLocalDisk(disk.root, { clock: fixedClock(new Date(now.getTime() + 0.9 * HOUR)) });
    expect(draftsOf(disk.root)).toEqual(['left']);
    await openLocalDisk(disk.root, { clock: fixedClock(new Date(now.getTime() + 1.1 * HOUR)) });
    expect(draftsOf(disk.root)).toEqual([]);
  });

  it('are swept hourly by a process that goes on writing', async () => {
    const clock = fixedClock(new Date());
    const living = new LocalDisk(disk.root, clock);
    await living.write(a, Buffer.from('1'));
    writeFileSync(join(disk.root, '.drafts/left'), 'half');
    clock.advance(2 * HOUR);
    await living.write(a, Buffer.from('2'));
    expect(draftsOf(disk.root)).toEqual([]);
  });
});

it('closes every file, whatever becomes of reads and writes (T-135)', async () => {
  const openFiles = (): number => readdirSync('/proc/self/fd').length;
  const readAndWrite = async (): Promise<void> => {
    (await disk.read(a)).destroy();
    await text(await disk.read(a));
    await text(await disk.read(a, { start: 9_999_999, end: 9_999_999 }));
    await disk.read(objectKey('work')).catch(() => undefined);
    await disk.read(a, { start: -1, end: 0 }).catch(() => undefined);
    await disk.write(a, Readable.from(['x', { no: 'bytes' }])).catch(() => undefined);
    for await (const _ of disk.list(keyPrefix())) break;
  };
  await disk.write(a, Buffer.alloc(200_000));
  await readAndWrite();
  const few = openFiles();
  for (let round = 0; round < 20; round += 1) await readAndWrite();
  expect(openFiles()).toBeLessThanOrEqual(few + 3); // the last streams close in their own time
});

it('says where an object stands, how much is free, and that it has no links to give', async () => {
  expect(disk.localPath(a)).toBe(join(disk.root, 'work/a'));
  expect(await disk.freeBytes()).toBeGreaterThan(0);
  const terms = { expiresAt: new Date(), contentType: 'text/plain', contentDisposition: undefined };
  expect((disk as Disk).temporaryUrl(a, terms)).toBeUndefined();
});

it('does not change other names of a replaced file (T-33)', async () => {
  await disk.write(a, Buffer.from('old'));
  linkSync(join(disk.root, a), join(disk.root, 'work/view'));
  await disk.write(a, Buffer.from('new'));
  expect(readFileSync(join(disk.root, 'work/view'), 'utf8')).toBe('old');
});
