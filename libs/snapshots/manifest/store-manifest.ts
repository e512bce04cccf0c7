import { AppError } from '#libs/kernel/errors.js';
import { snapshotIdAt, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';
import { manifestKey, snapshotsOf } from '#libs/storage/layout.js';

import { type NewSnapshot, type Snapshot } from '../snapshot.js';
import { type ManifestHeader } from './manifest.js';
import { type Manifest } from './read-manifest.js';
import { type ManifestDraft } from './write-manifest.js';

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
