import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { completeOnes, stableSnapshot } from '#libs/snapshots/stable-snapshot.js';

import { dueSync, type SyncTimes } from './due-syncs.js';

/** Finds the repositories to which nothing new comes, although it should. */
export class FindStaleRepositories {
  constructor(
    private readonly repositories: Pick<RepositoryStore, 'list'>,
    private readonly snapshots: Pick<SnapshotStore, 'list'>,
    private readonly times: SyncTimes,
    private readonly clock: Clock,
  ) {}

  /** By name. */
  async run(): Promise<readonly RepositoryName[]> {
    const stale: RepositoryName[] = [];
    for (const repository of await this.repositories.list()) {
      const snapshots = await this.snapshots.list(repository.name);
      if (isStale(repository, snapshots, this.times, this.clock.now())) stale.push(repository.name);
    }
    return stale;
  }
}

/**
 * Whether all has left the window (product.md §4), or no good snapshot came since the last sync but one was due: the last
 * one may be under way. Every good sync makes a snapshot, also when nothing was new upstream.
 */
export function isStale(repository: Repository, snapshots: readonly Snapshot[], times: SyncTimes, now: Date): boolean {
  if (stableSnapshot(snapshots, repository, now)?.stale) return true;
  const last = dueSync(repository, times, now);
  const lastButOne = last && dueSync(repository, times, new Date(last.at.getTime() - 1));
  const lastGood = completeOnes(snapshots).at(-1)?.takenAt;
  return lastButOne !== undefined && (lastGood === undefined || lastGood < lastButOne.at);
}
