import { EntitySchema } from 'typeorm';

import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type NewSnapshot, type Snapshot, type SnapshotState } from '../../snapshot.js';

export interface SnapshotRow {
  repositoryId: number;
  sequence: number;
  id: string;
  state: string;
  stateSince: number;
  takenAt: number;
  files: number;
  bytes: number;
  added: number;
  changed: number;
  removed: number;
  manifestSha256: string;
  note: string | null;
  runId: number | null;
}

export const snapshotTable = new EntitySchema<SnapshotRow>({
  name: 'snapshot',
  tableName: 'snapshots',
  columns: {
    repositoryId: { type: Number, name: 'repository_id', primary: true },
    sequence: { type: Number, primary: true },
    id: { type: String },
    state: { type: String },
    stateSince: { type: Number, name: 'state_since' },
    takenAt: { type: Number, name: 'taken_at' },
    files: { type: Number },
    bytes: { type: Number },
    added: { type: Number },
    changed: { type: Number },
    removed: { type: Number },
    manifestSha256: { type: String, name: 'manifest_sha256' },
    note: { type: String, nullable: true },
    runId: { type: Number, name: 'run_id', nullable: true },
  },
});

export const toSnapshot = (row: SnapshotRow, repository: RepositoryName): Snapshot => ({
  repository,
  id: row.id as SnapshotId,
  sequence: row.sequence,
  state: row.state as SnapshotState,
  stateSince: new Date(row.stateSince),
  takenAt: new Date(row.takenAt),
  files: row.files,
  bytes: row.bytes,
  changes: { added: row.added, changed: row.changed, removed: row.removed },
  manifestSha256: row.manifestSha256 as Sha256,
  note: row.note ?? undefined,
  run: row.runId ?? undefined,
});

export const toSnapshotRow = (
  snapshot: NewSnapshot & { readonly run?: number | undefined },
  repositoryId: number,
  now: Date,
): SnapshotRow => ({
  repositoryId,
  sequence: snapshot.sequence,
  id: snapshot.id,
  state: snapshot.state,
  stateSince: now.getTime(),
  takenAt: snapshot.takenAt.getTime(),
  files: snapshot.files,
  bytes: snapshot.bytes,
  ...snapshot.changes,
  manifestSha256: snapshot.manifestSha256,
  note: snapshot.note ?? null,
  runId: snapshot.run ?? null,
});
