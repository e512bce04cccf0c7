import { type Clock } from '#libs/kernel/clock.js';
import { DAY } from '#libs/kernel/duration.js';
import { type Log } from '#libs/observability/log.js';

import { type JobAbortReason } from '../job.js';
import { judgeFailure, type JobOutcome } from './attempt-job.js';
import { type ClaimedJob, type JobTable } from './job-table.js';

/** Writes down how an attempt ended, unless the job has been taken away meanwhile. */
export function settleClaim(
  job: ClaimedJob,
  outcome: JobOutcome,
  abortedFor: JobAbortReason | undefined,
  { table, clock, log }: { readonly table: JobTable; readonly clock: Clock; readonly log: Log },
): void {
  const now = clock.now().getTime();
  if (outcome.kind === 'completed') table.complete(job, now);
  else if (abortedFor === 'worker-stopping') table.giveBack(job);
  else if (abortedFor === 'claim-lost') return;
  else if (outcome.kind === 'not-ready') table.giveBack(job, { now, waitMs: outcome.delayMs });
  else {
    const { error, isLast } = judgeFailure(job, outcome, log);
    if (isLast) table.park(job, now, error);
    else table.postpone(job, { now, waitMs: backoff(job) }, error);
  }
}

const backoff = ({ backoffMs, attempt }: ClaimedJob): number => Math.min(backoffMs * 2 ** (attempt - 1), DAY);
