import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

const FULL = { code: 'DATABASE_FULL', problem: 'has no space left on its volume', hint: 'Free space on the volume.' };
const DENIED = {
  code: 'DATABASE_NOT_WRITABLE',
  problem: 'cannot be read and written by this user',
  hint: 'Give the user that Parceler runs as the right to read and write the file and its folder.',
};
const NO_FOLDER = {
  code: 'DATABASE_NO_FOLDER',
  problem: 'stands in a folder that does not exist and cannot be made',
  hint: 'Set DB_DATABASE to a file in a folder that Parceler may use.',
};

const FILE_ERRORS: Readonly<
  Record<string, { readonly code: string; readonly problem: string; readonly hint: string }>
> = {
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: { ...DENIED, problem: 'lies on a volume that is mounted read-only', hint: 'Mount the volume writable.' },
  ENOENT: NO_FOLDER,
  ENOTDIR: NO_FOLDER,
  EEXIST: NO_FOLDER, // mkdir over a file
  ELOOP: NO_FOLDER,
  ENOSPC: FULL,
  EDQUOT: FULL,
};

/** What the operating system said about the database's file, as a sentence that names the path. */
export function explainFileError(error: unknown, file: string): unknown {
  const known = FILE_ERRORS[systemCode(error)];
  if (known === undefined) return error;
  const message = `The database file ${file} ${known.problem}.`;
  return new AppError('unavailable', known.code, message, { hint: known.hint, cause: error });
}
