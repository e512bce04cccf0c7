import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { manifestKey, SNAPSHOTS } from '#libs/storage/layout.js';

import { removeSnapshot } from '../removal/remove-snapshot.js';
import { type Snapshot } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';

const BY_HAND = 'its manifest was removed from the disk by hand';

/**
 * Follows operators who remove `snapshots/<repository>/<id>` with the disk's own tools (product.md §4, trust T-38), and
 * finishes deletions that were cut off. Cheap enough for every minute: one look at each manifest.
 */
export class ReconcileSnapshots {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
  ) {}

  /** Answers which snapshots are gone now. */
  async run(repository: RepositoryName, act: Act): Promise<readonly SnapshotId[]> {
    const missing: Snapshot[] = [];
    for (const snapshot of await this.snapshots.list(repository)) {
      const manifest = await this.disk.stat(manifestKey(repository, snapshot.id));
      if (manifest === undefined || snapshot.state === 'removing') missing.push(snapshot);
    }
    if (missing.length === 0 || !(await this.isMounted())) return [];
    const removed: SnapshotId[] = [];
    for (const snapshot of missing) {
      const why = { ...act, reason: act.reason ?? BY_HAND, gone: true };
      if (await removeSnapshot(this.disk, this.snapshots, snapshot, why)) removed.push(snapshot.id);
    }
    return removed;
  }

  /**
   * An unmounted volume is not a deletion. Asked after we looked, so that one which went away in between counts. The
   * folder of snapshots may be a volume of its own; removed one by one, snapshots leave their repository's folder behind.
   */
  private async isMounted(): Promise<boolean> {
    if (!(await diskIsOurs(this.disk))) return false;
    for await (const _ of this.disk.folders(SNAPSHOTS)) return true;
    return false;
  }
}
