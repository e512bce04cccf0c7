import promises from 'node:fs/promises';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { diskIsOurs } from '../disk-marker.js';
import { openLocalDisk } from './open-local-disk.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'open-disk-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const FOLDERS = ['.drafts', 'blobs', 'snapshots', 'source', 'staging'];

describe('the marker', () => {
  it('is set on a new folder, with all that stands above it', async () => {
    const disk = await openLocalDisk(join(root, 'new/storage'));
    expect(await diskIsOurs(disk)).toBe(true);
    expect(readdirSync(disk.root).sort()).toEqual(['.drafts', '.parceler-disk', ...FOLDERS.slice(1)]);
  });

  it('is set on a new volume', async () => {
    mkdirSync(join(root, 'lost+found'));
    expect(await diskIsOurs(await openLocalDisk(root))).toBe(true);
  });

  it('is not set where something stands already: our disk was not mounted, or this is not ours', async () => {
    mkdirSync(join(root, 'blobs'));
    expect(await diskIsOurs(await openLocalDisk(root))).toBe(false);
  });

  it('stays gone when somebody removed it', async () => {
    await openLocalDisk(root);
    rmSync(join(root, '.parceler-disk'));
    expect(await diskIsOurs(await openLocalDisk(root))).toBe(false);
  });

  it('stays as it is when the disk is opened again', async () => {
    await openLocalDisk(root);
    const marker = readFileSync(join(root, '.parceler-disk'), 'utf8');
    await openLocalDisk(root);
    expect(readFileSync(join(root, '.parceler-disk'), 'utf8')).toBe(marker);
    expect(JSON.parse(marker)).toMatchObject({ format: 1, id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
  });

  it('is set after a start that died before it, and once by many that start together', async () => {
    mkdirSync(join(root, '.drafts'));
    const disks = await Promise.all(Array.from({ length: 6 }, () => openLocalDisk(root)));
    for (const disk of disks) expect(await diskIsOurs(disk)).toBe(true);
    expect(readdirSync(join(root, '.drafts'))).toEqual([]);
  });
});

describe('a folder that cannot be used (T-31)', () => {
  it('is named when a file stands in its place', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      await expect(openLocalDisk(path)).rejects.toMatchObject({
        code: 'STORAGE_NOT_WRITABLE',
        message: expect.stringContaining(path) as string,
      });
    }
  });

  it.each([
    ['EACCES', 'permission is denied'],
    ['EROFS', 'the file system is read-only'],
  ])('is named with the reason for %s', async (code, reason) => {
    const blobs = join(root, 'blobs');
    const { access } = promises;
    jest.spyOn(promises, 'access').mockImplementation(async (path, mode) => {
      if (path === blobs) throw Object.assign(new Error(code), { code });
      await access(path, mode);
    });
    await expect(openLocalDisk(root)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'STORAGE_NOT_WRITABLE',
      message: `Parceler cannot write to ${blobs}: ${reason}.`,
    });
  });
});

describe('several devices (T-32)', () => {
  it.each(['staging', 'blobs', 'snapshots'])('are refused for %s', async (part) => {
    symlinkSync('/proc', join(root, part)); // a device of its own on every Linux
    jest.spyOn(promises, 'access').mockResolvedValue(undefined); // it is not writable
    await expect(openLocalDisk(root)).rejects.toMatchObject({
      code: 'STORAGE_SPLIT',
      message: expect.stringContaining(join(root, part)) as string,
    });
  });

  it('are allowed for the source, which is only read', async () => {
    symlinkSync('/proc', join(root, 'source'));
    jest.spyOn(promises, 'access').mockResolvedValue(undefined);
    expect((await openLocalDisk(root)).root).toBe(root);
  });
});
