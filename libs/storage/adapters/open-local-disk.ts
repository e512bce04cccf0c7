import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, readdir, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { makeFolders } from '#libs/files/make-folders.js';
import { FOLDER_MODE } from '#libs/files/modes.js';
import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { diskIsOurs, markDisk, type Marking } from '../disk-marker.js';
import { BLOBS, SNAPSHOTS, SOURCES, STAGING } from '../layout.js';
import { DRAFTS, LocalDisk } from './local-disk.js';

/** Files are renamed from one to the other of these; `source` is only read. */
const RENAMED_BETWEEN = [DRAFTS, STAGING, BLOBS, SNAPSHOTS];
/** What a folder may hold and still count as empty: a new ext4 volume has the second, a start cut short leaves the first. */
const NOTHING = new Set([DRAFTS, 'lost+found']);

/**
 * The disk in a folder, which is made, and marked as ours when it is new or empty and may be marked; a folder with other
 * content is used but never marked. Where a marker has to be and is not, nothing is made: there the volume is to be mounted.
 *
 * @throws AppError `STORAGE_NOT_WRITABLE` or `STORAGE_SPLIT`
 */
export async function openLocalDisk(
  folder: string,
  { clock = systemClock, mayMark = true, markerId = randomUUID() }: { readonly clock?: Clock } & Partial<Marking> = {},
): Promise<LocalDisk> {
  const root = resolve(folder);
  const disk = new LocalDisk(root, clock);
  if (mayMark || existsSync(root)) await usable(root);
  if (!mayMark && !(await diskIsOurs(disk))) return disk;
  await prepare(disk, { mayMark, markerId });
  return disk;
}

/** A plain folder, which is made; its objects are no disk of ours. */
export async function makeLocalFolder(folder: string): Promise<LocalDisk> {
  const root = resolve(folder);
  await usable(root);
  await usable(join(root, DRAFTS));
  return new LocalDisk(root);
}

/** After the last write. */
export const tidyLocalFolder = (folder: string): Promise<void> => rmdir(join(resolve(folder), DRAFTS));

async function prepare(disk: LocalDisk, { mayMark, markerId }: Marking): Promise<void> {
  const { root } = disk;
  const fresh = await isEmpty(root);
  await usable(join(root, DRAFTS));
  // The marker first: whoever dies after it has left a disk, before it an empty folder.
  if (fresh && mayMark) await markDisk(disk, markerId);
  for (const part of [STAGING, BLOBS, SNAPSHOTS, SOURCES]) await usable(resolve(root, part));
  await checkDevices(root);
  await disk.sweepDrafts();
}

async function usable(path: string): Promise<void> {
  try {
    makeFolders(path, FOLDER_MODE);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notWritable(path, error);
  }
}

async function isEmpty(root: string): Promise<boolean> {
  const names = await readdir(root);
  return names.every((name) => NOTHING.has(name));
}

/** A rename between devices fails, and a copy in its place would be seen half made (trust T-32). */
async function checkDevices(root: string): Promise<void> {
  const first = await stat(join(root, DRAFTS));
  for (const part of RENAMED_BETWEEN) {
    const folder = resolve(root, part);
    const { dev } = await stat(folder);
    if (dev === first.dev) continue;
    throw new AppError('unavailable', 'STORAGE_SPLIT', `${folder} is not on the file system of ${root}.`, {
      hint: 'Mount one file system for the whole storage folder; only "source" may stand on another.',
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  EEXIST: 'it is not a folder',
  ENOTDIR: 'what should be a folder is a file',
  ENOSPC: 'the disk is full',
};

const notWritable = (path: string, cause: unknown): AppError =>
  new AppError(
    'unavailable',
    'STORAGE_NOT_WRITABLE',
    `Parceler cannot write to ${path}: ${REASONS[systemCode(cause)] ?? 'the folder cannot be used'}.`,
    { hint: 'Give the user that runs Parceler this folder (chown), or configure another one.', cause },
  );
