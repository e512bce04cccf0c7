import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Disk } from '#libs/storage/disk.js';

import { removeSnapshot } from './remove-snapshot.js';
import { retention, type DropReason } from './retention.js';
import { servedSince } from '../serving-history.js';
import { type Snapshot } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';

export interface Pruned {
  readonly snapshot: Snapshot;
  readonly reason: DropReason;
}

export interface RetentionPeriods {
  /** Milliseconds for which clients go on fetching what a snapshot lists after it stopped being served. */
  readonly graceMs: number;
  /** Milliseconds for which a superseded snapshot can be brought back. */
  readonly supersededMs: number;
}

/** Removes the snapshots of a repository that retention drops, and answers which and why. */
export class PruneSnapshots {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
    private readonly repositories: Pick<RepositoryStore, 'policyChanges'>,
    private readonly clock: Clock,
    private readonly periods: RetentionPeriods,
  ) {}

  /** @param repository as it is now; what it is frozen to meanwhile stays all the same */
  async run(repository: Repository, act: Act): Promise<readonly Pruned[]> {
    const now = this.clock.now();
    const all = await this.snapshots.list(repository.name);
    const servedLately = await this.servedLately(repository, all, now);
    const keep = { servedLately, supersededMs: this.periods.supersededMs };
    const pruned: Pruned[] = [];
    for (const decision of retention(all, repository, keep, now)) {
      if (decision.keep) continue;
      const reason = { ...act, reason: act.reason ?? decision.reason };
      const removed = await removeSnapshot(this.disk, this.snapshots, decision.snapshot, reason);
      if (removed) pruned.push({ snapshot: decision.snapshot, reason: decision.reason });
    }
    return pruned;
  }

  private async servedLately(repository: Repository, snapshots: readonly Snapshot[], now: Date) {
    const since = new Date(now.getTime() - this.periods.graceMs);
    const acts = {
      policy: await this.repositories.policyChanges(repository.name, since),
      snapshots: await this.snapshots.stateChanges(repository.name, since),
    };
    return servedSince(since, { snapshots, policy: repository }, acts, now);
  }
}
