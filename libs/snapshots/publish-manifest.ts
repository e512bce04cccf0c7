import { type Act } from '#libs/kernel/actor.js';
import { AppError, isAppError } from '#libs/kernel/errors.js';
import { snapshotIdAt, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Fence } from '#libs/persistence/lease.js';
import { type Disk } from '#libs/storage/disk.js';
import { manifestKey, snapshotFolder, snapshotsOf } from '#libs/storage/layout.js';

import { type ManifestHeader } from './manifest/manifest.js';
import { type Manifest } from './manifest/read-manifest.js';
import { type ManifestDraft } from './manifest/write-manifest.js';
import { type NewSnapshot, type Snapshot } from './snapshot.js';
import { type CatalogChange, type SnapshotStore } from './snapshot-store.js';

/** More snapshots than anyone can take in one second. */
const MAX_IDS_PER_SECOND = 100;

/** Writes a manifest under the first free id of its second. From then on the snapshot exists; nobody sees it yet. */
export async function storeManifest(
  disk: Disk,
  draft: ManifestDraft,
  facts: Omit<ManifestHeader, 'id' | 'files' | 'bytes'>,
  known: readonly Snapshot[],
): Promise<NewSnapshot> {
  const taken = await takenIds(disk, facts.repository, known);
  for (let attempt = 1; attempt <= MAX_IDS_PER_SECOND; attempt += 1) {
    const id = snapshotIdAt(facts.takenAt, attempt);
    if (taken.has(id)) continue;
    const { bytes, sha256 } = draft.seal({ ...facts, id });
    const written = await disk.writeIfAbsent(manifestKey(facts.repository, id), bytes);
    if (written) return snapshotOf({ header: { ...facts, ...draft.totals, id }, sha256 });
  }
  throw new AppError('internal', 'SNAPSHOT_ID_TAKEN', `"${facts.repository}" has too many snapshots of one second.`);
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
  } catch (error) {
    const fate = await fateOf(snapshots, snapshot, error);
    if (fate === 'published') return;
    // One that stays is removed by recovery; why it was not published is the error to tell.
    if (fate === 'ours') await disk.removeAll(snapshotFolder(snapshot.repository, snapshot.id)).catch(() => undefined);
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

/** Those of known snapshots, and of folders on the disk that are not known (yet). */
async function takenIds(
  disk: Disk,
  repository: RepositoryName,
  known: readonly Snapshot[],
): Promise<ReadonlySet<string>> {
  const taken = new Set<string>(known.map(({ id }): SnapshotId => id));
  for await (const folder of disk.folders(snapshotsOf(repository))) taken.add(folder);
  return taken;
}
