import { type Clock } from '#libs/kernel/clock.js';
import { before, SECOND } from '#libs/kernel/duration.js';
import { type JobQueue } from '#libs/jobs/job-queue.js';
import { type Log } from '#libs/observability/log.js';

import { enqueueRun } from '../jobs.js';
import { type Run } from '../runs/run.js';
import { type RunStore } from '../runs/run-store.js';

/** Whoever adds a run queues it at once; one that is older and has no job has been forgotten by the queue. */
const PATIENCE_MS = 30 * SECOND;

/** Queues the open runs that no job works on, so that nothing is lost with a queue (trust 2.3, T-53). */
export class RequeueOpenRuns {
  constructor(
    private readonly runs: RunStore,
    private readonly queue: JobQueue,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The runs that had no job. */
  async run(): Promise<readonly Run[]> {
    const requeued: Run[] = [];
    for (const run of await this.runs.openSince(before(this.clock.now(), PATIENCE_MS))) {
      const { joined } = await enqueueRun(this.queue, run);
      if (joined) continue;
      requeued.push(run);
      this.log.warn('open run queued again', { run: run.id, repository: run.repository, state: run.state });
    }
    return requeued;
  }
}
