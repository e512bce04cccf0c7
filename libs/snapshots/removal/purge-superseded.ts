import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';

import { type SnapshotStore } from '../snapshot-store.js';
import { removeSnapshot } from './remove-snapshot.js';

/** Removes every superseded snapshot of a repository at once, when an operator does not want to wait for retention. */
export class PurgeSuperseded {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
  ) {}

  /** Answers which. One that somebody restores meanwhile stays. */
  async run(repository: RepositoryName, act: Act): Promise<readonly SnapshotId[]> {
    const purged: SnapshotId[] = [];
    for (const snapshot of await this.snapshots.list(repository)) {
      if (snapshot.state !== 'superseded') continue;
      if (await removeSnapshot(this.disk, this.snapshots, snapshot, act)) purged.push(snapshot.id);
    }
    return purged;
  }
}
