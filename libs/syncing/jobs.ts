import { SECOND } from '#libs/kernel/duration.js';
import { AppError } from '#libs/kernel/errors.js';
import { defineJob } from '#libs/jobs/job.js';
import { type JobQueue } from '#libs/jobs/job-queue.js';

import { type Run } from './runs/run.js';

/** Only names the run: what is to be done stands in its row, which may have been cancelled meanwhile. */
export interface SyncJob {
  readonly run: number;
}

export const syncJob = defineJob<SyncJob>({
  name: 'sync-repository',
  attempts: 5,
  backoffMs: 10 * SECOND,
  parse: (data) => {
    const run = typeof data === 'object' && data !== null && 'run' in data ? data.run : undefined;
    if (typeof run === 'number' && Number.isSafeInteger(run)) return { run };
    throw new AppError('invalid', 'INVALID_JOB_DATA', 'The job "sync-repository" does not say which run it is for.');
  },
});

/** Removes the content and the runs of repositories that were deleted. */
export const removeDeletedRepositoriesJob = defineJob({
  name: 'remove-deleted-repositories',
  attempts: 3,
  backoffMs: 60 * SECOND,
  parse: () => undefined,
});

/** Forgets runs, and jobs, that ended long ago. */
export const sweepRunsJob = defineJob({
  name: 'sweep-runs',
  attempts: 3,
  backoffMs: 60 * SECOND,
  parse: () => undefined,
});

/** Wakes a worker for an open run; joins the job that does so already. */
export const enqueueRun = (
  queue: JobQueue,
  { id }: Pick<Run, 'id'>,
): Promise<{ readonly id: string; readonly joined: boolean }> =>
  queue.add(syncJob, { run: id }, { dedupeKey: `run:${String(id)}` });
