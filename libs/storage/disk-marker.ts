import { text } from 'node:stream/consumers';

import { AppError } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { type Disk } from './disk.js';
import { DISK_MARKER } from './layout.js';

/** How a disk that turns out to be new is marked. */
export interface Marking {
  /** Whether it may be: where a marked disk has to be, a new one is none of ours. */
  readonly mayMark: boolean;
  readonly markerId: string;
}

/**
 * Says, once and for all, that this is our disk. The id tells it from an empty folder that was marked while the real
 * volume was not mounted.
 */
export async function markDisk(disk: Disk, id: string): Promise<void> {
  const marker = {
    about:
      'This folder belongs to Parceler. Without this file, nothing missing here is believed to be removed by hand.',
    format: 1,
    id,
  };
  await disk.writeIfAbsent(DISK_MARKER, Buffer.from(`${JSON.stringify(marker, undefined, 2)}\n`));
}

/** Whether the disk has its marker: if not, it is not mounted or not ours, and what is missing was not removed. */
export const diskIsOurs = async (disk: Disk): Promise<boolean> => (await disk.stat(DISK_MARKER)) !== undefined;

/** The id in the marker, empty when the marker is not as we write it; `undefined` when there is none. */
export async function markerIdOf(disk: Disk): Promise<string | undefined> {
  if (!(await diskIsOurs(disk))) return undefined;
  const marker = parsed(await text(await disk.read(DISK_MARKER)));
  const hasId = typeof marker === 'object' && marker !== null && 'id' in marker;
  return hasId && typeof marker.id === 'string' ? marker.id : '';
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // as good as a marker without an id
  }
}

/** @throws AppError `DISK_NOT_MARKED` */
export async function assertDiskIsOurs(disk: Disk): Promise<void> {
  if (!(await diskIsOurs(disk))) throw diskNotMarked(disk);
}

/** For a program that starts: it goes on without its disk, as far as that goes, and somebody has to know. */
export async function logUnlessOurs(disk: Disk, log: Log): Promise<void> {
  if (await diskIsOurs(disk)) return;
  const { code, message, hint } = diskNotMarked(disk);
  log.error('disk is not mounted, or not ours', { code, error: message, hint });
}

export function diskNotMarked(disk: Disk): AppError {
  const place = disk.localPath(DISK_MARKER);
  const [what, where] =
    place === undefined
      ? [`The disk is not ours: ${DISK_MARKER} is missing`, 'Correct AWS_BUCKET. If this is the right one,']
      : [`The disk is not mounted, or not ours: ${place} is missing`, 'Mount the volume of the storage folder. If it is mounted,'];
  return new AppError('unavailable', 'DISK_NOT_MARKED', `${what}.`, {
    hint: `${where} put .parceler-disk back at its root: doctor says what it holds.`,
  });
}
