import { accessSync, closeSync, constants, mkdirSync, openSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

/** The first release without the bug, and the older line that it was mended in as well. */
const MENDED_IN = [3, 51, 3] as const;
const MENDED_ALSO_IN = '3.50.7';

/**
 * Refuses a library with the WAL-reset bug (trust T-86).
 *
 * @throws AppError `DATABASE_LIBRARY_UNSAFE`
 */
export function assertSafeLibrary(version: string): void {
  const parts = version.split('.').map(Number);
  const firstDifferent = MENDED_IN.map((part, index) => (parts[index] ?? 0) - part).find((by) => by !== 0) ?? 0;
  if (version === MENDED_ALSO_IN || firstDifferent >= 0) return; // NaN, an unknown scheme, is refused
  throw new AppError(
    'unavailable',
    'DATABASE_LIBRARY_UNSAFE',
    `SQLite ${version} has the WAL-reset bug, which can corrupt a database that several processes write.`,
    { hint: `Install better-sqlite3 with SQLite ${MENDED_IN.join('.')} or later.` },
  );
}

/**
 * What statfs(2) calls file systems that other machines may write to, and on which locks or shared memory do not hold.
 * FUSE is not among them, because local file systems cannot be told from remote ones there.
 */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
]);

/** The name of a network file system, by the type that `statfs` gives on Linux; `undefined` for a local one. */
export const networkFileSystem = (type: number): string | undefined => NETWORK_FILE_SYSTEMS.get(type >>> 0);

/**
 * Makes the folder and the file when they are missing, the file readable by its owner alone, and refuses a place where
 * a database cannot be kept (trust T-31, T-40).
 *
 * An existing file is not opened here: closing it would drop the locks that this process holds on it by other connections.
 */
export function preparePlace(file: string, fileSystemOf: (folder: string) => number = linuxFileSystem): void {
  const folder = dirname(resolve(file));
  explained(file, () => {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    assertLocal(file, fileSystemOf(folder));
    if (!exists(file)) create(file);
    if (!statSync(file).isFile()) throw notAFile(file);
    accessSync(file, constants.R_OK | constants.W_OK);
    accessSync(folder, constants.W_OK); // the write-ahead log stands beside the file
  });
}

const linuxFileSystem = (folder: string): number => (process.platform === 'linux' ? statfsSync(folder).type : 0);

const exists = (file: string): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;

function create(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error; // another process was faster
  }
}

function assertLocal(file: string, fileSystem: number): void {
  const network = networkFileSystem(fileSystem);
  if (network === undefined) return;
  throw new AppError(
    'invalid',
    'DATABASE_ON_NETWORK_DISK',
    `The database file ${file} lies on a network disk (${network}).`,
    {
      hint: 'SQLite cannot be kept safe there: set DB_DATABASE to a file on a local disk.',
    },
  );
}

const notAFile = (file: string): AppError =>
  new AppError('invalid', 'DATABASE_NOT_A_FILE', `The database path ${file} is not a regular file.`, {
    hint: 'Set DB_DATABASE to the path of a file, which may be missing.',
  });

function explained(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw explainFileError(error, file);
  }
}

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
