import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Disk } from '#libs/storage/disk.js';
import { snapshotsOf, sourceOf } from '#libs/storage/layout.js';

import { type SnapshotStore } from '../snapshot-store.js';

/**
 * Removes what is left of a repository that was marked deleted; then its name is free again (trust T-18). Can be cut off
 * and run again. The caller holds the repository's lease: no sync of it is under way.
 */
export class RemoveRepositoryContent {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
    private readonly repositories: RepositoryStore,
  ) {}

  async run({ id, name }: Pick<Repository, 'id' | 'name'>): Promise<void> {
    await this.snapshots.forgetAll(name);
    await this.disk.removeAll(snapshotsOf(name));
    await this.disk.removeAll(sourceOf(name));
    await this.repositories.forget(id);
  }
}
