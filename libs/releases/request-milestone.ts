import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { freezeAt } from '#libs/snapshots/stable-snapshot.js';
import { type RequestedRun, type RequestRun } from '#libs/syncing/request-run.js';

import { frozenAgainstMilestone } from './release-errors.js';

export interface MilestoneRequest {
  readonly repository: RepositoryName;
  /** Removes what it supersedes at once. */
  readonly purge?: boolean;
  /** Ends the freeze that there is now; without it a frozen repository refuses. */
  readonly unfreeze?: boolean;
  readonly act: Act;
}

/** Asks for a milestone release, or joins the one that waits or works already. */
export class RequestMilestone {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly requestRun: Pick<RequestRun, 'run'>,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `REPOSITORY_NOT_FOUND`, `REPOSITORY_FROZEN` */
  async run({ repository: name, purge = false, unfreeze = false, act }: MilestoneRequest): Promise<RequestedRun> {
    const repository = await getRepository(this.repositories, name);
    const freeze = freezeAt(repository, this.clock.now());
    if (freeze !== undefined && !unfreeze) throw frozenAgainstMilestone(name, freeze);
    const lifts = freeze && { snapshot: freeze.snapshot, at: freeze.at };
    return this.requestRun.run(name, act, { purge, lifts });
  }
}
