import { type Act } from '#libs/kernel/actor.js';
import { isAppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Leases } from '#libs/persistence/lease.js';
import { USUAL_LEASE, withLease } from '#libs/persistence/with-lease.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type RemoveRepositoryContent } from '#libs/snapshots/removal/remove-repository-content.js';

import { type CancelRun } from '../runs/cancel-run.js';
import { repositoryLease } from '../repository-lease.js';
import { OPEN_STATES } from '../runs/run.js';
import { type RunStore } from '../runs/run-store.js';

/** Removes what deleted repositories have left, and so frees their names. */
export class RemoveDeletedRepositories {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly runs: RunStore,
    private readonly leases: Leases,
    private readonly cancelRun: Pick<CancelRun, 'run'>,
    private readonly removeContent: Pick<RemoveRepositoryContent, 'run'>,
  ) {}

  /** The names that are free again. One whose sync has not ended yet is left for the next time. */
  async run(act: Act): Promise<readonly RepositoryName[]> {
    const removed: RepositoryName[] = [];
    for (const repository of await this.repositories.listDeleted()) {
      await this.cancelRuns(repository.name, act);
      const terms = { ...USUAL_LEASE, owner: act.actor };
      const leased = await withLease(this.leases, repositoryLease(repository.name), terms, async () => {
        await this.runs.forgetAll(repository.name); // first: with the last step the name may be taken again
        await this.removeContent.run(repository);
      });
      if (leased.kind === 'done') removed.push(repository.name);
    }
    return removed;
  }

  private async cancelRuns(repository: RepositoryName, act: Act): Promise<void> {
    for (const { id } of await this.runs.list({ repository, states: OPEN_STATES })) {
      await this.cancelRun.run(id, { ...act, reason: 'the repository was deleted' }).catch((error: unknown) => {
        if (!isAppError(error, 'RUN_ENDED')) throw error;
      });
    }
  }
}
