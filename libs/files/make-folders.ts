import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { systemCode } from '#libs/kernel/system-code.js';

/**
 * Makes a folder and those above it that are missing.
 *
 * `recursive: true` of node:fs does the same until a folder cannot be made although the one above it is there (below
 * /proc, behind a link that leads nowhere, in a working directory that was removed): then it tries for ever.
 *
 * @param mode of each folder that is made, less the umask
 * @returns the topmost folder that was made; undefined when all were there
 * @throws the system's own error; `EEXIST` when something else has the name
 */
export function makeFolders(path: string, mode = 0o777): string | undefined {
  const folder = resolve(path);
  try {
    return makeFolder(folder, mode);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
  }
  const topmost = makeFolders(dirname(folder), mode);
  return topmost === undefined ? makeFolder(folder, mode) : (makeFolder(folder, mode), topmost);
}

function makeFolder(folder: string, mode: number): string | undefined {
  try {
    mkdirSync(folder, { mode });
    return folder;
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && isFolder(folder)) return undefined;
    throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
