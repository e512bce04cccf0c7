import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';
import { systemCode } from '#libs/kernel/system-code.js';
import { diskFailure } from '#libs/storage/disk-failure.js';

/** Not the fault of any one file: what helps is told by the disk's own errors. */
const OF_THE_MACHINE = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

export const sourceRefused = (path: string, because: string, cause?: unknown): AppError =>
  new AppError('conflict', 'SOURCE_REFUSED', `The source cannot be published: "${printable(path)}" ${because}.`, {
    hint: 'Correct or exclude it in the sync command, and sync again.',
    cause,
  });

export const sourceChanged = (path: string, cause?: unknown): AppError =>
  new AppError('conflict', 'SOURCE_CHANGED', `"${printable(path)}" changed while the snapshot was taken.`, {
    hint: 'Something besides the sync command writes to the source; sync again.',
    cause,
  });

/** What a failed system call on a file or folder of the source means. */
export function sourceFailure(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return sourceChanged(path, error);
  if (OF_THE_MACHINE.has(code)) return diskFailure(error, `read "${printable(path)}"`);
  return sourceRefused(path, `cannot be read (${code === '' ? 'unknown error' : code})`, error);
}

/** Runs system calls on the source; their errors name the file. */
export function onSource<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sourceFailure(error, path);
  }
}
