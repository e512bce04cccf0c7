import { DISK_MEMORY } from '#libs/storage/disk-memory.js';
import { diskIsOurs, diskNotMarked } from '#libs/storage/disk-marker.js';
import { DISK, LITTLE_SPACE } from '#libs/storage/disk.js';
import { DISK_MARKER } from '#libs/storage/layout.js';

import { bytesText } from '../views.js';
import { problem, warning, type Check } from './finding.js';

export const checkDisk: Check = async (use) => {
  const disk = await use(DISK);
  if (!(await diskIsOurs(disk))) {
    const id = await (await use(DISK_MEMORY)).recall();
    return [problem('disk', diskNotMarked(disk).message, wayBack(disk.localPath(DISK_MARKER) ?? DISK_MARKER, id))];
  }
  const free = await disk.freeBytes();
  if (free === undefined || free >= LITTLE_SPACE) return [];
  const wayOut = 'Make room; garbage:collect --dry-run says what can go.';
  return [warning('disk', `Only ${bytesText(free)} are free.`, wayOut)];
};

/** @param id the one that the marker had, when there is something on that disk */
function wayBack(marker: string, id: string | undefined): string {
  const content = id === undefined ? '' : `, which holds {"id": "${id}"}`;
  return `Mount the volume of the storage folder, then start Parceler again. If it is mounted, put back ${marker}${content}.`;
}
