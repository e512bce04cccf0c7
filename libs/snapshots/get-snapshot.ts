import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';

import { type Snapshot } from './snapshot.js';
import { type SnapshotStore } from './snapshot-store.js';

/** One that is being removed is gone already. @throws AppError `SNAPSHOT_NOT_FOUND` */
export async function getSnapshot(store: SnapshotStore, repository: RepositoryName, id: SnapshotId): Promise<Snapshot> {
  const snapshot = await store.find(repository, id);
  if (snapshot !== undefined && snapshot.state !== 'removing') return snapshot;
  throw new AppError('not-found', 'SNAPSHOT_NOT_FOUND', `"${repository}" has no snapshot ${id}.`, {
    hint: 'repository:snapshots lists those there are.',
  });
}
