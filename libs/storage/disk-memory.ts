import { randomUUID } from 'node:crypto';

import { AppError } from '#libs/kernel/errors.js';
import { token } from '#libs/kernel/provider.js';

import { type Disk } from './disk.js';
import { markerIdOf, type Marking } from './disk-marker.js';

/** Which disk the snapshots stand on, remembered apart from it. */
export interface DiskMemory {
  /** The id in its marker; `undefined` while there is no snapshot, since then any disk will do. */
  recall(): Promise<string | undefined>;
  remember(id: string): Promise<void>;
  /** Remembers the id unless there is one already, and answers which one it is now: the same to all who ask at once. */
  agreeOn(id: string): Promise<string>;
}

export const DISK_MEMORY = token<DiskMemory>('DiskMemory');

/**
 * Opens the disk unless it is another one than the snapshots stand on: where a volume is not mounted, an empty folder
 * must not pass for a disk that somebody emptied (trust T-38). A disk without a marker is opened, and not believed.
 *
 * @param open makes the disk, and marks it as ours only when it may and the disk is new
 * @throws AppError `DISK_REPLACED`, and what `open` throws
 */
export async function openKnownDisk<D extends Disk>(
  memory: DiskMemory,
  open: (marking: Marking) => Promise<D>,
): Promise<D> {
  const known = await memory.recall();
  // Programs start together, and not every disk lets only one of them write the marker.
  const markerId = known ?? (await memory.agreeOn(randomUUID()));
  const disk = await open({ mayMark: known === undefined, markerId });
  const id = await markerIdOf(disk);
  if (id === undefined || id === known) return disk;
  if (known !== undefined) throw diskReplaced(id, known);
  await memory.remember(id);
  return disk;
}

const diskReplaced = (id: string, known: string): AppError =>
  new AppError(
    'unavailable',
    'DISK_REPLACED',
    `The disk is not the one that the snapshots are on: its marker has the id "${id}", not "${known}".`,
    {
      hint: `Mount the right volume. If this one is to take its place, make "${known}" the id in its .parceler-disk.`,
    },
  );
