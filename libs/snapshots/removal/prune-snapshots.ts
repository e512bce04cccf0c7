import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Disk } from '#libs/storage/disk.js';

import { removeSnapshot } from './remove-snapshot.js';
import { retention, type DropReason, type RetentionPolicy } from './retention.js';
import { type Snapshot } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';

export interface Pruned {
  readonly snapshot: Snapshot;
  readonly reason: DropReason;
}

/** Removes the snapshots of a repository that retention drops, and answers which and why. */
export class PruneSnapshots {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
    private readonly settings: { readonly clock: Clock; readonly graceMs: number; readonly supersededMs: number },
  ) {}

  /** @param repository as it is now; what it is frozen to meanwhile stays all the same */
  async run(repository: Repository, act: Act): Promise<readonly Pruned[]> {
    const { clock, graceMs, supersededMs } = this.settings;
    const keep: RetentionPolicy = { pinned: new Set(), previouslyServed: new Set(), graceMs, supersededMs };
    const all = await this.snapshots.list(repository.name);
    const pruned: Pruned[] = [];
    for (const decision of retention(all, repository, keep, clock.now())) {
      if (decision.keep) continue;
      const reason = { ...act, reason: act.reason ?? decision.reason };
      const removed = await removeSnapshot(this.disk, this.snapshots, decision.snapshot, reason);
      if (removed) pruned.push({ snapshot: decision.snapshot, reason: decision.reason });
    }
    return pruned;
  }
}
