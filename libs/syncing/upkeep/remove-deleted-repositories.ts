import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { type Fence, type Leases } from '#libs/persistence/lease.js';
import { eachRepository } from '#libs/repositories/each-repository.js';
import { isMarkedDeleted } from '#libs/repositories/is-marked-deleted.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';

import { withRepositoryLease } from '../repository-lease.js';

/** What has to be done before a name is free again, in this order. */
export interface RemovalSteps {
  readonly cancelRuns: (name: RepositoryName, act: Act) => Promise<unknown>;
  readonly forgetRuns: (name: RepositoryName, fence: Fence) => Promise<unknown>;
  /** Frees the name, with its last step. */
  readonly removeContent: (repository: Repository, fence: Fence) => Promise<unknown>;
}

/** Removes what deleted repositories have left, and so frees their names. */
export class RemoveDeletedRepositories {
  constructor(
    private readonly repositories: Pick<RepositoryStore, 'listDeleted'>,
    private readonly leases: Leases,
    private readonly steps: RemovalSteps,
    private readonly log: Log,
  ) {}

  /** The names that are free again. One whose sync has not ended yet is left for the next time. */
  async run(act: Act): Promise<readonly RepositoryName[]> {
    const removed: RepositoryName[] = [];
    await eachRepository(await this.repositories.listDeleted(), this.log, async (repository) => {
      if (await this.remove(repository, act)) removed.push(repository.name);
    });
    return removed;
  }

  private async remove(repository: Repository, act: Act): Promise<boolean> {
    const { name } = repository;
    if (!(await isMarkedDeleted(this.repositories, repository))) return false;
    await this.steps.cancelRuns(name, { ...act, reason: 'the repository was deleted' });
    const leased = await withRepositoryLease(this.leases, name, act.actor, async ({ fence }) => {
      // Another worker may have freed the name before this lease; nobody can while the fence holds.
      if (!(await isMarkedDeleted(this.repositories, repository))) return false;
      await this.steps.forgetRuns(name, fence);
      await this.steps.removeContent(repository, fence);
      return true;
    });
    return leased.kind === 'done' && leased.value;
  }
}
