import { type Disk } from '#libs/storage/disk.js';
import { blobKey } from '#libs/storage/layout.js';

import { type ListedFile } from '../snapshot.js';

/** Asked for at once. */
const AT_ONCE = 32;

/** Whether each content is on the disk with the size it should have. Nothing is read. */
export async function allBlobsThere(disk: Disk, files: Iterable<ListedFile>): Promise<boolean> {
  let batch: ListedFile[] = [];
  for (const file of files) {
    batch.push(file);
    if (batch.length < AT_ONCE) continue;
    if (!(await areThere(disk, batch))) return false;
    batch = [];
  }
  return areThere(disk, batch);
}

async function areThere(disk: Disk, files: readonly ListedFile[]): Promise<boolean> {
  const found = await Promise.all(files.map(({ sha256 }) => disk.stat(blobKey(sha256))));
  return files.every(({ size }, index) => found[index]?.size === size);
}
