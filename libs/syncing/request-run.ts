import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type JobQueue } from '#libs/jobs/job-queue.js';
import { type Log } from '#libs/observability/log.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';

import { enqueueRun } from './jobs.js';
import { type MilestoneOptions, type Run } from './runs/run.js';
import { type RunStore } from './runs/run-store.js';

export interface RequestedRun {
  readonly run: Run;
  /** Somebody had asked for the same before, and that run is still open. */
  readonly joined: boolean;
}

/** Asks for a sync, or a milestone release, or joins the one that waits or works already. */
export class RequestRun {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly runs: RunStore,
    private readonly queue: JobQueue,
    private readonly surroundings: { readonly clock: Clock; readonly log: Log },
  ) {}

  /**
   * @param milestone when it is to be a milestone release
   * @throws AppError `REPOSITORY_NOT_FOUND`
   */
  async run(name: RepositoryName, act: Act, milestone?: MilestoneOptions): Promise<RequestedRun> {
    const repository = await getRepository(this.repositories, name);
    const at = this.surroundings.clock.now();
    const kind = milestone === undefined ? 'sync' : 'milestone';
    const requested = await this.runs.request({ kind, milestone, repository: repository.name, at, act });
    if (requested === undefined) throw new Error('a request without an attempt key was taken for a repeated one');
    // The run is what counts: while the queue is out of reach the scheduler finds it there, and queues it.
    await enqueueRun(this.queue, requested.run).catch((error: unknown) => {
      this.surroundings.log.warn('run not queued yet', { run: requested.run.id, error: messageOf(error) });
    });
    return requested;
  }
}
