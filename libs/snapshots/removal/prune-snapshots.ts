import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
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
    private readonly repositories: Pick<RepositoryStore, 'find' | 'policyChanges'>,
    private readonly clock: Clock,
    private readonly periods: RetentionPeriods,
  ) {}

  /** Nothing is pruned of a repository that is deleted: it is removed whole. */
  async run(name: RepositoryName, act: Act): Promise<readonly Pruned[]> {
    const pruned: Pruned[] = [];
    const tried = new Set<SnapshotId>();
    for (let due = await this.next(name, tried); due !== undefined; due = await this.next(name, tried)) {
      tried.add(due.snapshot.id);
      const reason = { ...act, reason: act.reason ?? due.reason };
      if (await removeSnapshot(this.disk, this.snapshots, due.snapshot, reason)) pruned.push(due);
    }
    return pruned;
  }

  /** Decided anew before each removal: an operator may lengthen the delay meanwhile, and what is gone stays gone. */
  private async next(name: RepositoryName, tried: ReadonlySet<SnapshotId>): Promise<Pruned | undefined> {
    const repository = await this.repositories.find(name);
    if (repository === undefined) return undefined;
    const now = this.clock.now();
    const all = await this.snapshots.list(name);
    const keep = {
      servedLately: await this.servedLately(repository, all, now),
      supersededMs: this.periods.supersededMs,
    };
    for (const decision of retention(all, repository, keep, now)) {
      if (!decision.keep && !tried.has(decision.snapshot.id)) return decision;
    }
    return undefined;
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
