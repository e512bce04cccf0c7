import { type Clock } from '#libs/kernel/clock.js';
import { DAY } from '#libs/kernel/duration.js';
import { AppError, messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { JobNotReady, type JobAbortReason, type JobContext, type JobHandler } from '../job.js';
import { type ClaimedJob, type JobTable } from './job-table.js';

export type JobOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'not-ready'; readonly delayMs: number; readonly reason: string }
  /** `final` when trying again cannot help. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly final: boolean };

const ERROR_LENGTH = 2_000;

/** Runs one attempt; never rejects. */
export async function attemptJob(
  job: ClaimedJob,
  handler: JobHandler | undefined,
  signal: AbortSignal,
  table: JobTable,
): Promise<JobOutcome> {
  if (handler === undefined) return { kind: 'failed', error: unknownJob(job.name), final: true };
  let data: unknown;
  try {
    data = handler.job.parse(JSON.parse(job.data));
  } catch (error) {
    return { kind: 'failed', error, final: true };
  }
  try {
    await handler.handle(data, contextOf(job, signal, table));
    return { kind: 'completed' };
  } catch (error) {
    if (error instanceof JobNotReady) return { kind: 'not-ready', delayMs: error.delayMs, reason: error.message };
    return { kind: 'failed', error, final: false };
  }
}

/** Writes down how an attempt ended, unless the job has been taken away meanwhile. */
export function settleJob(
  job: ClaimedJob,
  outcome: JobOutcome,
  abortedFor: JobAbortReason | undefined,
  { table, clock, log }: { readonly table: JobTable; readonly clock: Clock; readonly log: Log },
): void {
  const now = clock.now().getTime();
  if (outcome.kind === 'completed') table.complete(job, now);
  else if (abortedFor === 'worker-stopping') table.giveBack(job);
  else if (abortedFor !== undefined)
    return; // not ours any more
  else if (outcome.kind === 'not-ready') {
    table.giveBack(job, { now, waitMs: outcome.delayMs, error: outcome.reason });
  } else settleFailure(job, outcome, now, { table, log });
}

function settleFailure(
  job: ClaimedJob,
  outcome: Extract<JobOutcome, { kind: 'failed' }>,
  now: number,
  { table, log }: { readonly table: JobTable; readonly log: Log },
): void {
  const error = messageOf(outcome.error).slice(0, ERROR_LENGTH);
  const fields = { id: job.id, job: job.name, attempt: job.attempt, error };
  if (outcome.final || job.attempt >= job.maxAttempts) {
    log.error('job parked', fields);
    table.park(job, now, error);
  } else {
    log.warn('job failed, to be tried again', fields);
    table.postpone(job, { now, waitMs: backoff(job), error });
  }
}

const backoff = ({ backoffMs, attempt }: ClaimedJob): number => Math.min(backoffMs * 2 ** (attempt - 1), DAY);

function contextOf(job: ClaimedJob, signal: AbortSignal, table: JobTable): JobContext {
  let shown = 0;
  return {
    signal,
    progress: async (fraction) => {
      const hundredths = Math.round(Math.min(1, Math.max(0, fraction)) * 100);
      if (hundredths === shown || Number.isNaN(hundredths)) return; // each write wakes every process
      shown = hundredths;
      table.progress(job, hundredths / 100);
    },
  };
}

const unknownJob = (name: string): AppError =>
  new AppError('internal', 'UNKNOWN_JOB', `No handler is known for the job "${name}".`, {
    hint: 'Start a worker of the version that queued it, then queue:retry the job.',
  });
