import { accessSync, closeSync, constants, openSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { makeFolders } from '#libs/files/make-folders.js';
import { FOLDER_MODE } from '#libs/files/modes.js';
import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { explainFileError } from './file-errors.js';
import { networkFileSystem } from './network-file-system.js';

/**
 * Makes the folder and the file when they are missing, the file readable by its owner alone, and refuses a place where
 * a database cannot be kept (trust T-31, T-40).
 *
 * An existing file is not opened here: closing it would drop the locks that this process holds on it by other connections.
 */
export function preparePlace(file: string, fileSystemOf: (folder: string) => number = linuxFileSystem): void {
  const folder = dirname(resolve(file));
  explained(file, () => {
    makeFolders(folder, FOLDER_MODE);
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
