import { type Act } from '#libs/kernel/actor.js';
import { isAppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

import { type CancelRun } from './cancel-run.js';
import { OPEN_STATES, type Run } from './run.js';
import { type RunStore } from './run-store.js';

/** Ends what waits or works for a repository. */
export class CancelOpenRuns {
  constructor(
    private readonly runs: Pick<RunStore, 'list'>,
    private readonly cancelRun: Pick<CancelRun, 'run'>,
  ) {}

  /** Those that were cancelled; one that ends by itself meanwhile is not among them. */
  async run(repository: RepositoryName, act: Act): Promise<readonly Run[]> {
    const cancelled: Run[] = [];
    for (const { id } of await this.runs.list({ repository, states: OPEN_STATES })) {
      try {
        cancelled.push(await this.cancelRun.run(id, act));
      } catch (error) {
        if (!isAppError(error, 'RUN_ENDED')) throw error;
      }
    }
    return cancelled;
  }
}
