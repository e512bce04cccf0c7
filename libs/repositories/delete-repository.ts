import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

import { type RepositoryStore } from './repository-store.js';

export class DeleteRepository {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly clock: Clock,
  ) {}

  /**
   * From now on it is served and listed no more. Its snapshots and source are removed later, by a job; its name is free
   * again after that.
   *
   * @throws AppError `REPOSITORY_NOT_FOUND`
   */
  async run(name: RepositoryName, act: Act): Promise<void> {
    await this.repositories.markDeleted(name, this.clock.now(), act);
  }
}
