import { type Disk } from '#libs/storage/disk.js';
import { snapshotFolder } from '#libs/storage/layout.js';

import { type Snapshot } from '../snapshot.js';
import { type MovingAct, type SnapshotStore } from '../snapshot-store.js';

/**
 * Takes a snapshot out of the index, then from the disk; its blobs are collected later. False, and nothing done, when
 * its state changed or the repository was frozen to it meanwhile. What is cut off is finished by recovery and by the reconciler.
 */
export async function removeSnapshot(
  disk: Disk,
  snapshots: SnapshotStore,
  snapshot: Snapshot,
  act: MovingAct,
): Promise<boolean> {
  const { repository, id, state } = snapshot;
  if (state !== 'removing' && !(await snapshots.move(repository, id, state, 'removing', act))) return false;
  await finishRemoval(disk, snapshots, snapshot);
  return true;
}

/** For a snapshot in state `removing`. */
export async function finishRemoval(
  disk: Disk,
  snapshots: SnapshotStore,
  { repository, id }: Pick<Snapshot, 'repository' | 'id'>,
): Promise<void> {
  await disk.removeAll(snapshotFolder(repository, id));
  await snapshots.forget(repository, id);
}
