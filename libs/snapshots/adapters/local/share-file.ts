import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  realpathSync,
  rmSync,
  type BigIntStats,
} from 'node:fs';

import { FILE_MODE } from '#libs/files/modes.js';
import { systemCode } from '#libs/kernel/system-code.js';

/** What a copy would run into as well. Whatever else is said means that this file, or file system, cannot do it. */
const OF_THE_DISK = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * Makes `draft` the same file under another name, or one that shares its bytes; false when neither can be done, or when
 * the file is no longer in that state. Then there is no draft.
 */
export function sharedAs(path: string, state: BigIntStats, draft: string): boolean {
  return whole(draft, () => linked(path, state, draft)) || whole(draft, () => cloned(path, state, draft));
}

/**
 * Not where a file has another name already, by which it may be written in place, nor where it belongs to somebody else,
 * who may do what he likes with it.
 */
function linked(path: string, state: BigIntStats, draft: string): boolean {
  if (state.nlink !== 1n || state.uid !== BigInt(process.geteuid?.() ?? -1)) return false;
  linkSync(realpathSync.native(path), draft);
  const found = lstatSync(draft, { bigint: true });
  return isSame(found, state) && found.mtimeNs === state.mtimeNs; // its ctime is that of its new name
}

function cloned(path: string, state: BigIntStats, draft: string): boolean {
  const real = realpathSync.native(path);
  copyFileSync(real, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
  chmodSync(draft, FILE_MODE);
  const after = lstatSync(real, { bigint: true });
  return isSame(after, state) && after.ctimeNs === state.ctimeNs;
}

const isSame = (a: BigIntStats, b: BigIntStats): boolean => a.dev === b.dev && a.ino === b.ino && a.size === b.size;

/** Leaves no draft unless the work made it. */
function whole(draft: string, work: () => boolean): boolean {
  try {
    if (work()) return true;
  } catch (error) {
    rmSync(draft, { force: true });
    if (OF_THE_DISK.has(systemCode(error))) throw error;
    return false;
  }
  rmSync(draft, { force: true });
  return false;
}
