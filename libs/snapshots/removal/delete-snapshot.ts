import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Disk } from '#libs/storage/disk.js';

import { getSnapshot } from '../get-snapshot.js';
import { removeSnapshot } from './remove-snapshot.js';
import { type Snapshot } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';
import { completeOnes, freezeAt, stableSnapshot } from '../stable-snapshot.js';

export interface DeleteSnapshotRequest {
  readonly repository: RepositoryName;
  readonly snapshot: SnapshotId;
  /** Also when it is the one served, or the last one. */
  readonly force: boolean;
  readonly act: Act;
}

/** Deletes a snapshot at an operator's word; the next one takes over at once. */
export class DeleteSnapshot {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
    private readonly repositories: RepositoryStore,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws AppError `REPOSITORY_NOT_FOUND`, `SNAPSHOT_NOT_FOUND`, `SNAPSHOT_FROZEN`, `SNAPSHOT_BUSY`, and without
   * `force` `LAST_SNAPSHOT` and `SNAPSHOT_SERVED`
   */
  async run({ repository: name, snapshot: id, force, act }: DeleteSnapshotRequest): Promise<Snapshot> {
    const repository = await getRepository(this.repositories, name);
    const snapshot = await getSnapshot(this.snapshots, name, id);
    this.refuseFrozen(repository, id);
    if (!force) this.refuseNeeded(repository, id, await this.snapshots.list(name));
    if (await removeSnapshot(this.disk, this.snapshots, snapshot, act)) return snapshot;
    throw new AppError('conflict', 'SNAPSHOT_BUSY', `Snapshot ${id} of "${name}" was just changed by somebody else.`, {
      hint: 'Look at it again, then delete it again.',
    });
  }

  /** Not even by force: a freeze is an operator's word too, and the newer word should take the older one back. */
  private refuseFrozen(repository: Repository, id: SnapshotId): void {
    if (freezeAt(repository, this.clock.now())?.snapshot !== id) return;
    const { name } = repository;
    throw new AppError('conflict', 'SNAPSHOT_FROZEN', `"${name}" is frozen to snapshot ${id}.`, {
      hint: `First repository:unfreeze ${name}; to stay frozen, but to another one, then repository:freeze ${name} <snapshot>.`,
    });
  }

  private refuseNeeded(repository: Repository, id: SnapshotId, all: readonly Snapshot[]): void {
    const complete = completeOnes(all);
    if (complete.length === 1 && complete[0]?.id === id) {
      throw new AppError(
        'conflict',
        'LAST_SNAPSHOT',
        `Snapshot ${id} is the last one that "${repository.name}" can serve.`,
        {
          hint: '--force deletes it all the same; until the next sync clients get nothing then.',
        },
      );
    }
    if (stableSnapshot(all, repository, this.clock.now())?.snapshot.id === id) {
      throw new AppError('conflict', 'SNAPSHOT_SERVED', `Snapshot ${id} of "${repository.name}" is being served.`, {
        hint: '--force deletes it all the same; repository:snapshots shows which one takes over.',
      });
    }
  }
}
