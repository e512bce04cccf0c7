import { createWriteStream } from 'node:fs';
import { readdir, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { makeFolders } from '#libs/files/make-folders.js';
import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { type ExportTarget, type ExportTree } from '../../export/export-target.js';
import { type ListedFile } from '../../snapshot.js';

/** Plain files below a new or empty folder of this machine. */
export class LocalExport implements ExportTarget {
  async open(directory: string): Promise<ExportTree> {
    const tree = new LocalTree(resolve(directory));
    await tree.begin();
    return tree;
  }
}

class LocalTree implements ExportTree {
  /** The folders that were not there before, in the order in which they were made. */
  private readonly made: string[] = [];

  constructor(private readonly directory: string) {}

  async begin(): Promise<void> {
    try {
      this.makeFolders(this.directory);
      if ((await readdir(this.directory)).length === 0) return;
    } catch (error) {
      throw NOT_A_FOLDER.has(systemCode(error))
        ? await notAFolder(this.directory)
        : exportFailed(this.directory, this.directory, error);
    }
    throw notEmpty(this.directory);
  }

  async write({ path, mtimeMs }: Pick<ListedFile, 'path' | 'mtimeMs'>, body: Readable): Promise<void> {
    const target = join(this.directory, path);
    try {
      this.makeFolders(dirname(target));
      // Exclusively: on a file system that takes two names for one, neither overwrites the other.
      await pipeline(body, createWriteStream(target, { flags: 'wx' }));
      const time = new Date(mtimeMs);
      await utimes(target, time, time);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') await rm(target, { force: true }).catch(() => undefined);
      throw exportFailed(this.directory, target, error);
    }
  }

  async takeBack(files: Iterable<Pick<ListedFile, 'path'>>): Promise<void> {
    // What cannot be removed, or has something of others in it, stays: the next export says that it is not empty.
    for (const { path } of files) await rm(join(this.directory, path), { force: true }).catch(() => undefined);
    for (const folder of this.made.toReversed()) await rmdir(folder).catch(() => undefined);
  }

  private makeFolders(folder: string): void {
    const topmost = makeFolders(folder);
    if (topmost === undefined) return;
    const made: string[] = [];
    for (let each = folder; each.length >= topmost.length; each = dirname(each)) made.unshift(each);
    this.made.push(...made);
  }
}

/** What making or listing a folder says when something else has the name, or one above it. */
const NOT_A_FOLDER: ReadonlySet<string> = new Set(['EEXIST', 'ENOTDIR', 'ELOOP']);

async function notAFolder(directory: string): Promise<AppError> {
  const there = await stat(directory).catch(() => undefined);
  const because = there
    ? 'it is something else than a folder'
    : 'a file, or a link that leads nowhere, has its name or stands above it';
  return new AppError('invalid', 'EXPORT_NOT_A_FOLDER', `Cannot export to "${printable(directory)}": ${because}.`, {
    hint: 'Name a new or empty folder.',
  });
}

const notEmpty = (directory: string): AppError =>
  new AppError('conflict', 'EXPORT_NOT_EMPTY', `"${printable(directory)}" is not empty.`, {
    hint: 'Name a new or empty folder; when an earlier export was killed there, remove what it left.',
  });

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space (or inode) is left there',
  EDQUOT: 'the quota there is used up',
  EROFS: 'the file system there is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ENOENT: 'nothing can be made there',
  EEXIST: 'the file system takes its name for that of another file',
  ENAMETOOLONG: 'the file system does not take names so long',
  EFBIG: 'the file system does not take files so large',
};

/** What is no error of the system comes from the body, and is handed back as it is. */
function exportFailed(directory: string, target: string, cause: unknown): unknown {
  if (cause instanceof AppError || systemCode(cause) === '') return cause;
  const because = REASONS[systemCode(cause)] ?? 'the file system there failed; the system log tells more';
  return new AppError('unavailable', 'EXPORT_FAILED', `Cannot write "${printable(target)}": ${because}.`, {
    hint: `Make room for the export in ${printable(directory)}, with the right to write there, or name another folder.`,
    cause,
  });
}
