import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { type ObjectKey } from './object-key.js';

interface Failure {
  readonly code: string;
  readonly because: string;
  readonly hint: string;
}

const FULL: Failure = {
  code: 'DISK_FULL',
  because: 'the disk is full',
  hint: 'Free some space (or inodes) where the storage folder stands; nothing that was served before is lost.',
};
const READ_ONLY: Failure = {
  code: 'DISK_READ_ONLY',
  because: 'the disk is read-only',
  hint: 'Mount the file system of the storage folder for writing; what is there is still served.',
};
const failed = (because: string, hint: string): Failure => ({ code: 'DISK_FAILED', because, hint });
const NOT_ALLOWED = failed(
  'permission is denied',
  'Give the user that runs Parceler the storage folder and all in it.',
);
const TOO_MANY_FILES = failed('too many files are open', 'Raise the limit of open files (ulimit -n, LimitNOFILE).');
const GONE = failed('its folder is not there', 'Is the volume mounted, and can folders be made there?');
const OTHER = failed('the disk failed', 'Look at the system log for errors of the disk or the file system.');

const FAILURES: Readonly<Record<string, Failure>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EROFS: READ_ONLY,
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  ENOENT: GONE,
};

/**
 * What a failed system call means to us; an `AppError` is handed back as it is.
 *
 * @param what what could not be done, such as `write "blobs/ab/…"`
 */
export function diskFailure(cause: unknown, what: string): AppError {
  if (cause instanceof AppError) return cause;
  const { code, because, hint } = FAILURES[systemCode(cause)] ?? OTHER;
  return new AppError('unavailable', code, `Cannot ${what}: ${because}.`, { hint, cause });
}

export const keyTaken = (key: ObjectKey, because: string): AppError =>
  new AppError('conflict', 'OBJECT_KEY_TAKEN', `"${key}" cannot be an object on this disk, since ${because}.`);
