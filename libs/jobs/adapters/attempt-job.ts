import { AppError, messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { JobNotReady, type JobContext, type JobHandler } from '../job.js';

export type JobOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'not-ready'; readonly delayMs: number }
  /** `final` when trying again cannot help. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly final: boolean };

/** A job that a worker has taken, whatever queue it comes from. */
export interface TakenJob {
  readonly id: number | string;
  readonly name: string;
  /** This one included; those count whose worker was gone before their end. */
  readonly attempt: number;
  readonly maxAttempts: number;
}

/** Runs one attempt; never rejects. */
export async function attemptJob(
  { name }: TakenJob,
  readData: () => unknown,
  handler: JobHandler | undefined,
  context: JobContext,
): Promise<JobOutcome> {
  if (handler === undefined) return { kind: 'failed', error: unknownJob(name), final: true };
  let data: unknown;
  try {
    data = handler.job.parse(readData());
  } catch (error) {
    return { kind: 'failed', error, final: true };
  }
  try {
    await handler.handle(data, context);
    return { kind: 'completed' };
  } catch (error) {
    if (error instanceof JobNotReady) return { kind: 'not-ready', delayMs: error.delayMs };
    return { kind: 'failed', error, final: false };
  }
}

/** @param keep stores a fraction; called for each hundredth at most, since each write wakes every process */
export function contextOf(signal: AbortSignal, keep: (fraction: number) => Promise<void> | void): JobContext {
  let shown = 0;
  return {
    signal,
    progress: async (fraction) => {
      const hundredths = Math.round(Math.min(1, Math.max(0, fraction)) * 100);
      if (hundredths === shown || Number.isNaN(hundredths)) return;
      shown = hundredths;
      await keep(hundredths / 100);
    },
  };
}

const ERROR_LENGTH = 2_000;

/** What is kept of a failure, and whether it was the last one that the job may have; the log is told. */
export function judgeFailure(
  { id, name, attempt, maxAttempts }: TakenJob,
  { error, final }: Extract<JobOutcome, { kind: 'failed' }>,
  log: Log,
): { readonly error: string; readonly isLast: boolean } {
  const text = messageOf(error).slice(0, ERROR_LENGTH);
  const isLast = final || attempt >= maxAttempts;
  const fields = { id, job: name, attempt, error: text };
  if (isLast) log.error('job parked', fields);
  else log.warn('job failed, to be tried again', fields);
  return { error: text, isLast };
}

/** @throws Error when two are for the same job */
export function handlersByName(handlers: readonly JobHandler[]): ReadonlyMap<string, JobHandler> {
  const map = new Map(handlers.map((handler) => [handler.job.name, handler]));
  if (map.size !== handlers.length) throw new Error('two handlers for one job');
  return map;
}

const unknownJob = (name: string): AppError =>
  new AppError('internal', 'UNKNOWN_JOB', `No handler is known for the job "${name}".`, {
    hint: 'Start a worker of the version that queued it, then queue:retry the job.',
  });
