import { type Act } from '#libs/kernel/actor.js';
import { AppError, isAppError } from '#libs/kernel/errors.js';
import { snapshotIdAt, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Fence } from '#libs/persistence/lease.js';
import { type Disk } from '#libs/storage/disk.js';
import { manifestKey, snapshotFolder, snapshotsOf } from '#libs/storage/layout.js';

import { type ManifestHeader } from './manifest/manifest.js';
import { type Manifest } from './manifest/read-manifest.js';
import { type ManifestDraft } from './manifest/write-manifest.js';
import { noteSnapshots } from './recovery/disk-notes.js';
import { type NewSnapshot, type Snapshot } from './snapshot.js';
import { type CatalogChange, type SnapshotStore } from './snapshot-store.js';

/** More snapshots than anyone can take in one second. */
const MAX_IDS_PER_SECOND = 100;

/** Writes a manifest under the first of these ids that is free. From then on the snapshot exists; nobody sees it yet. */
export async function storeManifest(
  disk: Disk,
  draft: ManifestDraft,
  facts: Omit<ManifestHeader, 'id' | 'files' | 'bytes'>,
  ids: readonly SnapshotId[],
): Promise<NewSnapshot> {
  for (const id of ids) {
    const { bytes, sha256 } = draft.seal({ ...facts, id });
    const written = await disk.writeIfAbsent(manifestKey(facts.repository, id), bytes);
    if (written) return snapshotOf({ header: { ...facts, ...draft.totals, id }, sha256 });
  }
  throw new AppError('conflict', 'SNAPSHOT_ID_TAKEN', `"${facts.repository}" has a snapshot of that time already.`);
}

/** The ids of a second that no snapshot and no folder has. */
export async function freeIds(
  disk: Disk,
  takenAt: Date,
  known: readonly Snapshot[],
  repository: RepositoryName,
): Promise<readonly SnapshotId[]> {
  const taken = new Set<string>(known.map(({ id }) => id));
  for await (const folder of disk.folders(snapshotsOf(repository))) taken.add(folder);
  const ids = Array.from({ length: MAX_IDS_PER_SECOND }, (_, index) => snapshotIdAt(takenAt, index + 1));
  return ids.filter((id) => !taken.has(id));
}

/** The snapshot that a manifest is, as it is published. */
export const snapshotOf = ({ header, sha256 }: Pick<Manifest, 'header' | 'sha256'>): NewSnapshot => ({
  repository: header.repository,
  id: header.id,
  sequence: header.sequence,
  state: header.held === undefined ? 'complete' : 'held',
  takenAt: header.takenAt,
  files: header.files,
  bytes: header.bytes,
  changes: header.changes,
  manifestSha256: sha256,
  note: header.held,
});

export interface Publication {
  readonly fence: Fence;
  readonly act: Act;
  readonly signal: AbortSignal;
}

/** Makes a stored manifest visible, or takes it back. */
export async function publishManifest(
  disk: Disk,
  snapshots: SnapshotStore,
  snapshot: NewSnapshot,
  findChanges: () => Promise<Iterable<CatalogChange>>,
  { fence, act, signal }: Publication,
): Promise<void> {
  try {
    const changes = await findChanges();
    signal.throwIfAborted();
    await snapshots.publish(snapshot, changes, fence, act);
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

/** Removes a manifest that nobody has seen, and its folder unless an operator keeps files there. */
export async function removeManifest(disk: Disk, repository: RepositoryName, id: SnapshotId): Promise<void> {
  await disk.remove(manifestKey(repository, id));
  for await (const _ of disk.list(snapshotFolder(repository, id))) return;
  await disk.removeAll(snapshotFolder(repository, id));
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
