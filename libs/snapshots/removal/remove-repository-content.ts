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
    private readonly snapshots: Pick<SnapshotStore, 'forgetAll'>,
    private readonly repositories: Pick<RepositoryStore, 'listDeleted' | 'forget'>,
  ) {}

  /** @throws AppError `LEASE_LOST` when another worker was faster: then the name may be somebody else's by now */
  async run(repository: Deleted, fence: Fence): Promise<void> {
    await assertDiskIsOurs(this.disk); // or the content would come back with its volume, to whoever has the name then
    await this.snapshots.forgetAll(repository, fence);
    const { id, name } = repository;
    await this.remove(repository, fence, snapshotsOf(name), removedSnapshotsOf(id));
    await this.remove(repository, fence, sourceOf(name), removedSourceOf(id));
    await this.repositories.forget(id, fence);
  }

  /**
   * No transaction spans a disk. So what stands under the name is first moved, in one step, to a place that only this
   * repository has. It was this repository's if the name still is afterwards; only then it is removed (trust I-13).
   */
  private async remove(repository: Deleted, fence: Fence, from: KeyPrefix, aside: KeyPrefix): Promise<void> {
    await this.disk.removeAll(aside); // from an attempt that was cut off
    if (!(await isMarkedDeleted(this.repositories, repository))) throw leaseLost(fence.name);
    if (!(await this.disk.moveAll(from, aside))) return;
    if (!(await isMarkedDeleted(this.repositories, repository))) {
      await this.disk.moveAll(aside, from);
      throw leaseLost(fence.name);
    }
    await this.disk.removeAll(aside);
  }
}
