import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { FOLDER_MODE } from '#libs/files/modes.js';
import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { keyTaken } from '../disk-failure.js';
import { type ObjectKey } from '../object-key.js';
import { flushFolder } from './local-drafts.js';

/**
 * Makes the folders above an object, durably.
 *
 * Links directly below the root are the operator's, who may have put `source` on another volume. Deeper ones are not
 * followed: a sync command's link must not lead a write out of the disk.
 */
export async function makeRoomFor(root: string, key: ObjectKey): Promise<void> {
  for await (const { path, name, state } of foldersAbove(root, key)) {
    if (state === 'missing') await makeFolder(path);
    if (state === 'other') throw keyTaken(key, `"${name}" is a file`);
    if (state === 'link') throw leadsAway(key, name);
  }
  if ((await stateOf(join(root, key), lstat)) === 'folder') throw keyTaken(key, 'others stand below it');
}

/** Rejects when a link stands on the way to an object, so that removing one cannot reach out of the disk. */
export async function checkWayTo(root: string, key: ObjectKey): Promise<void> {
  for await (const { name, state } of foldersAbove(root, key)) {
    if (state === 'link') throw leadsAway(key, name);
    if (state !== 'folder') return;
  }
}

type State = 'missing' | 'folder' | 'link' | 'other';

async function* foldersAbove(
  root: string,
  key: ObjectKey,
): AsyncGenerator<{ path: string; name: string; state: State }> {
  const segments = key.split('/');
  for (let depth = 1; depth < segments.length; depth += 1) {
    const name = segments.slice(0, depth).join('/');
    const path = join(root, name);
    yield { path, name, state: await stateOf(path, depth === 1 ? stat : lstat) };
  }
}

async function stateOf(path: string, look: typeof lstat): Promise<State> {
  try {
    const state = await look(path);
    if (state.isDirectory()) return 'folder';
    return state.isSymbolicLink() ? 'link' : 'other';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, FOLDER_MODE);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  await flushFolder(dirname(path));
}

const leadsAway = (key: ObjectKey, link: string): AppError =>
  new AppError('unavailable', 'DISK_LINK_REFUSED', `"${key}" is left alone, since "${link}" is a symbolic link.`, {
    hint: 'Replace the link by a folder; only the folders directly below the storage root may be links.',
  });
