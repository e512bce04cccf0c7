import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { makeFolders } from '#libs/files/make-folders.js';
import { AppError, isAppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';
import { diskFailure } from '#libs/storage/disk-failure.js';

import { type ExportTarget, type ExportTree } from '../../export/export-target.js';
import { type ListedFile } from '../../snapshot.js';

/** Plain files below a new or empty folder of this machine. */
export class LocalExport implements ExportTarget {
  async open(directory: string): Promise<ExportTree> {
    const there = await onTarget(directory, async () => {
      makeFolders(directory);
      return readdir(directory);
    });
    if (there.length === 0) return { write: (file, body) => onTarget(file.path, () => write(directory, file, body)) };
    throw new AppError('conflict', 'EXPORT_NOT_EMPTY', `"${printable(directory)}" is not empty.`, {
      hint: 'Name a new or empty directory.',
    });
  }
}

async function write(directory: string, file: ListedFile, body: Readable): Promise<void> {
  const path = join(directory, file.path);
  makeFolders(dirname(path));
  // Exclusively: on a file system that takes two names for one, neither overwrites the other.
  await pipeline(body, checking(file), createWriteStream(path, { flags: 'wx' }));
  const time = new Date(file.mtimeMs);
  await utimes(path, time, time);
}

/** Lets bytes through, and fails at their end when they were not those of the file. */
function checking({ path, sha256 }: ListedFile): Transform {
  const digest = createHash('sha256');
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      digest.update(chunk);
      done(null, chunk);
    },
    flush: (done) => {
      done(digest.digest('hex') === sha256 ? null : contentDamaged(path));
    },
  });
}

const contentDamaged = (path: string): AppError =>
  new AppError('unavailable', 'CONTENT_DAMAGED', `The content of "${printable(path)}" is not what it was.`, {
    hint: 'snapshot:verify tells what else is damaged, and repairs what it can.',
  });

async function onTarget<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isAppError(error) ? error : diskFailure(error, `write "${printable(name)}"`);
  }
}
