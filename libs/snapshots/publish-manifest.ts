import { isAppError } from '#libs/kernel/errors.js';
import { type Disk } from '#libs/storage/disk.js';

import { removeManifest } from './manifest/remove-manifest.js';
import { noteSnapshots } from './recovery/disk-notes.js';
import { type NewSnapshot } from './snapshot.js';
import { type CatalogChange, type PublishingAct, type SnapshotStore } from './snapshot-store.js';

export interface Publication {
  readonly act: PublishingAct;
  readonly signal: AbortSignal;
}

/** Makes a stored manifest visible, or takes it back. */
export async function publishManifest(
  disk: Disk,
  snapshots: SnapshotStore,
  snapshot: NewSnapshot,
  findChanges: () => Promise<Iterable<CatalogChange>>,
  { act, signal }: Publication,
): Promise<void> {
  try {
    const changes = await findChanges();
    signal.throwIfAborted();
    await snapshots.publish(snapshot, changes, act);
    // It is published, whatever comes of this; the reconciler makes up for it.
    await noteSnapshots(disk, [snapshot]).catch(() => undefined);
  } catch (error) {
    const fate = await fateOf(snapshots, snapshot, error);
    if (fate === 'published') return;
    // One that stays is left to recovery; why it was not published is the error to tell.
    if (fate === 'ours') await removeManifest(disk, snapshot.repository, snapshot.id).catch(() => undefined);
    throw error;
  }
}

/**
 * What became of a manifest whose publication failed. It may be visible all the same: an answer can get lost after the
 * commit. Where we no longer hold the lease, or cannot ask, it is no longer ours: whoever comes after us may be adopting it.
 */
async function fateOf(
  snapshots: SnapshotStore,
  { repository, id, manifestSha256 }: NewSnapshot,
  error: unknown,
): Promise<'published' | 'ours' | 'unknown'> {
  try {
    const row = await snapshots.find(repository, id);
    if (row?.manifestSha256 === manifestSha256) return 'published';
    return isAppError(error, 'LEASE_LOST') ? 'unknown' : 'ours';
  } catch {
    return 'unknown';
  }
}
