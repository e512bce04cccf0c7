import { type Clock } from '#libs/kernel/clock.js';
import { counted } from '#libs/kernel/counted.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Freeze } from '#libs/repositories/repository.js';
import { type PurgeSuperseded } from '#libs/snapshots/removal/purge-superseded.js';
import { type NewSnapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { freezeAt } from '#libs/snapshots/stable-snapshot.js';
import { type Attempt, type AttemptRun } from '#libs/syncing/attempt-run.js';
import { type MilestoneOptions } from '#libs/syncing/runs/run.js';
import { actOf, type SyncAndSnapshot } from '#libs/syncing/sync-and-snapshot.js';

import { frozenAgainstMilestone } from './release-errors.js';

export interface MilestoneStores {
  readonly repositories: RepositoryStore;
  readonly snapshots: SnapshotStore;
}

/**
 * Makes the newest content what clients get from now on: syncs, takes a snapshot, and supersedes all older ones in the
 * transaction that makes it visible. If the sync or a check fails, or somebody froze the repository meanwhile, what is
 * served stays (product.md §5, trust T-15, T-17).
 */
export class ReleaseMilestone {
  constructor(
    private readonly attemptRun: AttemptRun,
    private readonly syncAndSnapshot: SyncAndSnapshot,
    private readonly stores: MilestoneStores,
    private readonly purgeSuperseded: Pick<PurgeSuperseded, 'run'>,
    private readonly clock: Clock,
  ) {}

  /** @throws JobNotReady when the run has to be attempted again later */
  async run(run: number, signal: AbortSignal): Promise<void> {
    await this.attemptRun.run(run, signal, async (attempt) => {
      const options = attempt.run.milestone ?? NO_OPTIONS;
      const taken = await this.syncAndSnapshot.run(attempt, (snapshot) => this.release(snapshot, attempt, options));
      if (options.purge && taken.snapshot.state === 'complete') await this.purge(attempt);
      await this.syncAndSnapshot.prune(attempt);
      return taken;
    });
  }

  /** In the transaction that makes the snapshot visible. One that a check holds changes nothing of what is served. */
  private async release(snapshot: NewSnapshot, attempt: Attempt, options: MilestoneOptions): Promise<void> {
    if (snapshot.state !== 'complete') return;
    const { name } = attempt.repository;
    const at = this.clock.now();
    const repository = await getRepository(this.stores.repositories, name);
    const freeze = freezeAt(repository, at);
    if (freeze !== undefined) {
      if (!isSame(freeze, options.lifts)) throw frozenAgainstMilestone(name, freeze);
      await this.stores.repositories.unfreeze(name, at, actOf(attempt));
    }
    await this.stores.snapshots.supersedeBefore(name, { sequence: snapshot.sequence, at }, actOf(attempt));
  }

  private async purge(attempt: Attempt): Promise<void> {
    await attempt.step('purging');
    const purged = await this.purgeSuperseded.run(attempt.repository.name, actOf(attempt));
    attempt.log.note(`purged ${counted(purged.length, 'superseded snapshot')}`);
  }
}

const NO_OPTIONS: MilestoneOptions = { purge: false, lifts: undefined };

const isSame = (freeze: Freeze, other: MilestoneOptions['lifts']): boolean =>
  freeze.snapshot === other?.snapshot && freeze.at.getTime() === other.at.getTime();
