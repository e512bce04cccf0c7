import { type Act } from '#libs/kernel/actor.js';
import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';

import { getSnapshot } from './get-snapshot.js';
import { type Snapshot } from './snapshot.js';
import { type SnapshotStore } from './snapshot-store.js';

export interface RestoreRequest {
  readonly repository: RepositoryName;
  readonly snapshot: SnapshotId;
  readonly act: Act;
}

/** Makes a superseded snapshot one of those again among which time decides. */
export class RestoreSnapshot {
  constructor(
    private readonly snapshots: SnapshotStore,
    private readonly repositories: RepositoryStore,
  ) {}

  /** @throws AppError `REPOSITORY_NOT_FOUND`, `SNAPSHOT_NOT_FOUND`, `SNAPSHOT_NOT_SUPERSEDED` */
  async run({ repository, snapshot: id, act }: RestoreRequest): Promise<Snapshot> {
    const { name } = await getRepository(this.repositories, repository);
    const snapshot = await getSnapshot(this.snapshots, name, id);
    if (await this.snapshots.move(name, id, 'superseded', 'complete', act)) return { ...snapshot, state: 'complete' };
    throw new AppError(
      'conflict',
      'SNAPSHOT_NOT_SUPERSEDED',
      `Snapshot ${id} of "${name}" is not superseded: it is ${snapshot.state}.`,
      { hint: 'Only what a milestone has superseded can be restored; repository:snapshots --all shows it.' },
    );
  }
}
