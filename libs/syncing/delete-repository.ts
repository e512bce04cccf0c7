import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';

import { type CancelOpenRuns } from './runs/cancel-open-runs.js';
import { type Run } from './runs/run.js';

export class DeleteRepository {
  constructor(
    private readonly repositories: Pick<RepositoryStore, 'markDeleted'>,
    private readonly cancelOpenRuns: Pick<CancelOpenRuns, 'run'>,
    private readonly clock: Clock,
  ) {}

  /**
   * From now on it is served, listed and synced no more. Its snapshots and source are removed later, by a job, which also
   * ends the runs that could not be ended now; its name is free again after that.
   *
   * @returns the runs that were open
   * @throws AppError `REPOSITORY_NOT_FOUND`
   */
  async run(name: RepositoryName, act: Act): Promise<readonly Run[]> {
    await this.repositories.markDeleted(name, this.clock.now(), act); // first: nobody asks for another run
    return this.cancelOpenRuns.run(name, { ...act, reason: 'the repository was deleted' });
  }
}
