import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';
import { manifestKey, snapshotFolder } from '#libs/storage/layout.js';

/** Removes a manifest that nobody has seen, and its folder unless an operator keeps files there. */
export async function removeManifest(disk: Disk, repository: RepositoryName, id: SnapshotId): Promise<void> {
  await disk.remove(manifestKey(repository, id));
  await disk.removeEmpty(snapshotFolder(repository, id));
}
