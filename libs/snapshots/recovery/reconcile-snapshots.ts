import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { isFrozen, type Repository } from '#libs/repositories/repository.js';
import { type Disk } from '#libs/storage/disk.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';

import { removeSnapshot } from '../removal/remove-snapshot.js';
import { type Snapshot } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';
import { compareWithDisk, noteSnapshots } from './disk-notes.js';

const BY_HAND = 'its manifest was removed from the disk by hand';

/**
 * Follows operators who remove `snapshots/<repository>/<id>` with the disk's own tools (product.md §4, trust T-38), and
 * finishes deletions that were cut off. Cheap enough for every minute: one look at each manifest.
 *
 * What a disk never had was not removed from it: then it is told, and nothing is done (trust T-39).
 */
export class ReconcileSnapshots {
  /** What was told last, so that it is told once. */
  private readonly told = new Map<RepositoryName, string>();

  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Answers which snapshots are gone now. */
  async run(repository: Pick<Repository, 'name' | 'freeze'>, act: Act): Promise<readonly SnapshotId[]> {
    const { name } = repository;
    const all = await this.snapshots.list(name);
    const removing = all.filter(({ state }) => state === 'removing');
    const { there, removed, neverHere } = await compareWithDisk(
      this.disk,
      all.filter(({ state }) => state !== 'removing'),
    );
    // An unmounted volume is not a deletion. Asked after we looked, so that one which went away in between counts.
    if (!(await diskIsOurs(this.disk))) return [];
    this.tellMissing(name, neverHere);
    // A help for another time: a disk that cannot be written is told by whoever has to write to it.
    await noteSnapshots(this.disk, there).catch(() => undefined);
    for (const snapshot of removing) await removeSnapshot(this.disk, this.snapshots, snapshot, act);
    const followed = await this.follow(removed, act);
    if (followed.length > 0) this.tellRemoved(repository, followed);
    return [...removing.map(({ id }) => id), ...followed];
  }

  private async follow(removed: readonly Snapshot[], act: Act): Promise<readonly SnapshotId[]> {
    const followed: SnapshotId[] = [];
    for (const snapshot of removed) {
      const why = { ...act, reason: act.reason ?? BY_HAND, gone: true };
      if (await removeSnapshot(this.disk, this.snapshots, snapshot, why)) followed.push(snapshot.id);
    }
    return followed;
  }

  private tellRemoved(repository: Pick<Repository, 'name' | 'freeze'>, snapshots: readonly SnapshotId[]): void {
    const frozenTo = isFrozen(repository, this.clock.now()) ? repository.freeze?.snapshot : undefined;
    const lostFreeze = snapshots.find((id) => id === frozenTo);
    this.log.warn('snapshots were removed from the disk by hand', {
      repository: repository.name,
      snapshots,
      ...(lostFreeze === undefined ? {} : { lostFreeze }),
    });
  }

  private tellMissing(repository: RepositoryName, neverHere: readonly Snapshot[]): void {
    const snapshots = neverHere.map(({ id }) => id);
    const before = this.told.get(repository) ?? '';
    if (before === snapshots.join()) return;
    this.told.set(repository, snapshots.join());
    if (snapshots.length === 0) this.log.info('the disk has all snapshots again', { repository });
    else this.log.warn('the disk never had these snapshots, nothing is removed', { repository, snapshots, hint: HINT });
  }
}

const HINT =
  'The disk is older than the database, or another one. Mount the right volume; if there is none, snapshot:delete them.';
