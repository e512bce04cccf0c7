import { type Clock } from '#libs/kernel/clock.js';
import { before } from '#libs/kernel/duration.js';
import { type JobQueue } from '#libs/jobs/job-queue.js';

import { type RunStore } from '../runs/run-store.js';

/** Forgets runs, and the jobs that worked on them, when they have been over for long enough. */
export class SweepRuns {
  constructor(
    private readonly runs: RunStore,
    private readonly queue: JobQueue,
    private readonly clock: Clock,
    private readonly keepMs: number,
  ) {}

  async run(): Promise<{ readonly runs: number; readonly jobs: number }> {
    const runs = await this.runs.sweep(before(this.clock.now(), this.keepMs));
    return { runs, jobs: await this.queue.sweep(this.keepMs) };
  }
}
