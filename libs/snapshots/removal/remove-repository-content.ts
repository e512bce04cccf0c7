import { leaseLost } from '#libs/persistence/fence.js';
import { type Fence } from '#libs/persistence/lease.js';
import { isMarkedDeleted } from '#libs/repositories/is-marked-deleted.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Disk } from '#libs/storage/disk.js';
import { assertDiskIsOurs } from '#libs/storage/disk-marker.js';
import { removedSnapshotsOf, removedSourceOf, snapshotsOf, sourceOf } from '#libs/storage/layout.js';
import { type KeyPrefix } from '#libs/storage/object-key.js';

import { type SnapshotStore } from '../snapshot-store.js';

type Deleted = Pick<Repository, 'id' | 'name'>;

/**
 * Removes what is left of a repository that was marked deleted; then its name is free again (trust T-18). Can be cut off
 * and run again. The caller holds the repository's lease: no sync of it is under way.
 */
export class RemoveRepositoryContent {
  constructor(
    private readonly disk: Disk,
    private readonly sources: Disk,
    private readonly snapshots: Pick<SnapshotStore, 'forgetAll'>,
    private readonly repositories: Pick<RepositoryStore, 'listDeleted' | 'forget'>,
  ) {}

  /** @throws AppError `LEASE_LOST` when another worker was faster: then the name may be somebody else's by now */
  async run(repository: Deleted, fence: Fence): Promise<void> {
    await assertDiskIsOurs(this.disk); // or the content would come back with its volume, to whoever has the name then
    await this.snapshots.forgetAll(repository, fence);
    const { id, name } = repository;
    await this.remove(this.disk, [repository, fence], snapshotsOf(name), removedSnapshotsOf(id));
    await this.remove(this.sources, [repository, fence], sourceOf(name), removedSourceOf(id));
    await this.repositories.forget(id, fence);
  }

  /**
   * No transaction spans a disk. So what stands under the name is first moved, in one step, to a place that only this
   * repository has. It was this repository's if the name still is afterwards; only then it is removed (trust I-13).
   */
  private async remove(disk: Disk, whose: Claim, from: KeyPrefix, aside: KeyPrefix): Promise<void> {
    if (disk.moveAll === undefined) {
      await this.removeInPlace(disk, whose, from);
      return;
    }
    await disk.removeAll(aside); // from an attempt that was cut off
    await this.assertStillOurs(whose);
    if (!(await disk.moveAll(from, aside))) return;
    try {
      await this.assertStillOurs(whose);
    } catch (error) {
      await disk.moveAll(aside, from);
      throw error;
    }
    await disk.removeAll(aside);
  }

  /**
   * Where nothing can be moved, it is asked again and again whose the name is. A worker that is paused right between the
   * question and its few removals, for longer than its lease, may still take objects of whoever has the name then, if they
   * have names that were listed while it was ours.
   */
  private async removeInPlace(disk: Disk, whose: Claim, prefix: KeyPrefix): Promise<void> {
    for await (const batch of inBatches(disk.list(prefix), OBJECTS_AT_ONCE)) {
      await this.assertStillOurs(whose);
      await Promise.all(batch.map(({ key }) => disk.remove(key)));
    }
  }

  private async assertStillOurs([repository, fence]: Claim): Promise<void> {
    if (!(await isMarkedDeleted(this.repositories, repository))) throw leaseLost(fence.name);
  }
}

type Claim = readonly [Deleted, Fence];

/** Removed between two questions whose the name is. */
const OBJECTS_AT_ONCE = 250;

async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
