import { type Job, type JobState as BullState } from 'bullmq';

import { type JobState, type JobView } from '../job-queue.js';

const STATE: Readonly<Record<BullState | 'unknown', JobState | undefined>> = {
  completed: 'completed',
  failed: 'failed',
  active: 'active',
  delayed: 'waiting',
  prioritized: 'waiting',
  waiting: 'waiting',
  'waiting-children': 'waiting',
  unknown: undefined,
};

/** `undefined` for a job that is gone. */
export async function viewOf(job: Job): Promise<JobView | undefined> {
  const state = STATE[await job.getState()];
  if (state === undefined || job.id === undefined) return undefined;
  const hasFailed = state !== 'completed' && job.failedReason !== '';
  return {
    id: job.id,
    name: job.name,
    data: job.data as unknown,
    state,
    attempt: Math.min(attemptsBefore(job) + (state === 'active' ? 1 : 0), attemptsOf(job)),
    progress: state === 'completed' ? 1 : Number(job.progress),
    error: hasFailed ? job.failedReason : undefined,
    addedAt: new Date(job.timestamp),
    finishedAt: job.finishedOn === undefined ? undefined : new Date(job.finishedOn),
  };
}

/** Those that came to an end, and those whose worker was gone before. */
export const attemptsBefore = ({ attemptsMade, stalledCounter }: Job): number => attemptsMade + stalledCounter;

export const attemptsOf = ({ opts }: Job): number => opts.attempts ?? 1;
