import { SECOND } from '#libs/kernel/duration.js';
import { AppError } from '#libs/kernel/errors.js';
import { defineJob, type JobDefinition } from '#libs/jobs/job.js';
import { type JobQueue } from '#libs/jobs/job-queue.js';

import { type Run, type RunKind } from './runs/run.js';

/** Only names the run: what is to be done stands in its row, which may have been cancelled meanwhile. */
export interface RunJob {
  readonly run: number;
}

const FOR_RUNS = {
  attempts: 5,
  backoffMs: 10 * SECOND,
  parse: (data: unknown): RunJob => {
    const run = typeof data === 'object' && data !== null && 'run' in data ? data.run : undefined;
    if (typeof run === 'number' && Number.isSafeInteger(run)) return { run };
    throw new AppError('invalid', 'INVALID_JOB_DATA', 'The job does not say which run it is for.');
  },
};

export const syncJob = defineJob({ name: 'sync-repository', ...FOR_RUNS });
export const milestoneJob = defineJob({ name: 'release-milestone', ...FOR_RUNS });

const JOBS: Readonly<Record<RunKind, JobDefinition<RunJob>>> = { sync: syncJob, milestone: milestoneJob };

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
  { id, kind }: Pick<Run, 'id' | 'kind'>,
): Promise<{ readonly id: string; readonly joined: boolean }> =>
  queue.add(JOBS[kind], { run: id }, { dedupeKey: `run:${String(id)}` });
