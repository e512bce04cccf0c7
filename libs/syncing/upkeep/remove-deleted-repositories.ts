import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Leases } from '#libs/persistence/lease.js';
import { isMarkedDeleted } from '#libs/repositories/is-marked-deleted.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type RemoveRepositoryContent } from '#libs/snapshots/removal/remove-repository-content.js';

import { withRepositoryLease } from '../repository-lease.js';
import { type CancelOpenRuns } from '../runs/cancel-open-runs.js';
import { type RunStore } from '../runs/run-store.js';

/** Removes what deleted repositories have left, and so frees their names. */
export class RemoveDeletedRepositories {
  constructor(
    private readonly repositories: Pick<RepositoryStore, 'listDeleted'>,
    private readonly runs: RunStore,
    private readonly leases: Leases,
    private readonly cancelOpenRuns: Pick<CancelOpenRuns, 'run'>,
    private readonly removeContent: Pick<RemoveRepositoryContent, 'run'>,
  ) {}

  /** The names that are free again. One whose sync has not ended yet is left for the next time. */
  async run(act: Act): Promise<readonly RepositoryName[]> {
    const removed: RepositoryName[] = [];
    for (const repository of await this.repositories.listDeleted()) {
      if (await this.remove(repository, act)) removed.push(repository.name);
    }
    return removed;
  }

  private async remove(repository: Repository, act: Act): Promise<boolean> {
    const { name } = repository;
    if (!(await isMarkedDeleted(this.repositories, repository))) return false;
    await this.cancelOpenRuns.run(name, { ...act, reason: 'the repository was deleted' });
    const leased = await withRepositoryLease(this.leases, name, act.actor, async ({ fence }) => {
      // Another worker may have freed the name before this lease; nobody can while the fence holds.
      if (!(await isMarkedDeleted(this.repositories, repository))) return false;
      await this.runs.forgetAll(name, fence); // first: with the last step the name may be taken again
      await this.removeContent.run(repository, fence);
      return true;
    });
    return leased.kind === 'done' && leased.value;
  }
}
