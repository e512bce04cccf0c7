import { type FileHandle } from 'node:fs/promises';

import { processesHolding, signalGroup } from './process-tree.js';

/**
 * In place of flock(1): whether an orphan of an earlier run is left. On Linux that is whoever has inherited the open lock
 * file; elsewhere the process group noted in it.
 */
export async function heldByOrphan(lockFile: string, lock: FileHandle): Promise<boolean> {
  const holders = await processesHolding(lockFile);
  if (holders !== undefined) return holders.length > 0;
  const group = Number((await lock.read(Buffer.alloc(16), 0, 16, 0)).buffer.toString('latin1').replaceAll('\0', ''));
  return Number.isInteger(group) && group > 1 && signalGroup(group, 0);
}

export async function noteGroup(lock: FileHandle, group: number): Promise<void> {
  await lock.truncate(0);
  await lock.write(String(group), 0);
}

/** After the run's end, so that a group number that is given out again is not taken for an orphan. */
export async function forgetGroup(lock: FileHandle): Promise<void> {
  await lock.truncate(0);
}
