import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type UnitOfWork } from '#libs/persistence/unit-of-work.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { getSnapshot } from '#libs/snapshots/get-snapshot.js';
import { servingHistory } from '#libs/snapshots/serving-history.js';
import { type Snapshot, type SnapshotState } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { freezeAt, stableSnapshot } from '#libs/snapshots/stable-snapshot.js';

import { notComplete } from './release-errors.js';

export interface RollBackRequest {
  readonly repository: RepositoryName;
  /** What was served before what is served now, when it is not given. */
  readonly snapshot?: SnapshotId | undefined;
  /** Its reason is kept with the freeze. */
  readonly act: Act;
}

export interface RolledBack {
  readonly from: SnapshotId | undefined;
  readonly to: SnapshotId;
}

/**
 * Goes back to an earlier snapshot, also one that a milestone has superseded, and stays there: the repository is frozen
 * to it, for what was wrong with the newer one may be in the next one, too (ADR 15).
 */
export class RollBack {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly snapshots: SnapshotStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws AppError `REPOSITORY_NOT_FOUND`, `SNAPSHOT_NOT_FOUND`, `SNAPSHOT_NOT_COMPLETE`, `NOTHING_SERVED_BEFORE`,
   * `SERVED_ALREADY`
   */
  async run({ repository: name, snapshot, act }: RollBackRequest): Promise<RolledBack> {
    return this.unitOfWork.run(async () => {
      const now = this.clock.now();
      const repository = await getRepository(this.repositories, name);
      const all = await this.snapshots.list(name);
      const from = stableSnapshot(all, repository, now)?.snapshot.id;
      const target = snapshot
        ? await getSnapshot(this.snapshots, name, snapshot)
        : await this.servedBefore(repository, all, now);
      if (target.id === from) throw servedAlready(name, target.id);
      if (!CAN_BE_SERVED.has(target.state)) throw notComplete(name, target);

      const why = { ...act, reason: act.reason ?? `rolled back from ${from ?? 'nothing'}` };
      if (target.state === 'superseded') await this.snapshots.move(name, target.id, 'superseded', 'complete', why);
      if (freezeAt(repository, now)) await this.repositories.unfreeze(name, now, why);
      const freeze = { snapshot: target.id, at: now, reason: why.reason, until: undefined };
      await this.repositories.freeze(name, freeze, why);
      return { from, to: target.id };
    });
  }

  /** The latest of what was served before, and can be again. */
  private async servedBefore(repository: Repository, all: readonly Snapshot[], now: Date): Promise<Snapshot> {
    const since = repository.createdAt;
    const acts = {
      policy: await this.repositories.policyChanges(repository.name, since),
      snapshots: await this.snapshots.stateChanges(repository.name, since),
    };
    const [present, ...earlier] = servingHistory(since, { snapshots: all, policy: repository }, acts, now);
    for (const id of earlier) {
      const snapshot = all.find((each) => each.id === id);
      if (snapshot && id !== present && CAN_BE_SERVED.has(snapshot.state)) return snapshot;
    }
    throw nothingBefore(repository.name);
  }
}

const CAN_BE_SERVED: ReadonlySet<SnapshotState> = new Set(['complete', 'superseded']);

const nothingBefore = (name: RepositoryName): AppError =>
  new AppError(
    'conflict',
    'NOTHING_SERVED_BEFORE',
    `There is no snapshot of "${name}" any more that was served before the present one.`,
    { hint: 'repository:snapshots --all shows what there is; name the one to go back to.' },
  );

const servedAlready = (name: RepositoryName, id: SnapshotId): AppError =>
  new AppError('conflict', 'SERVED_ALREADY', `Snapshot ${id} of "${name}" is what is being served.`, {
    hint: `repository:freeze ${name} keeps it so.`,
  });
