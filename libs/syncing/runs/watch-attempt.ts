import { SECOND } from '#libs/kernel/duration.js';
import { AppError } from '#libs/kernel/errors.js';

import { type RunAttempt, type RunStore } from './run-store.js';

const LOOK_EVERY_MS = SECOND;

export const runCancelled = (id: number): AppError =>
  new AppError('conflict', 'RUN_CANCELLED', `Run ${String(id)} was cancelled.`);

/**
 * Does `work` with a signal that is aborted, with an AppError `RUN_CANCELLED`, when the attempt is the running one no
 * more. The run's row is asked and not the queue, so that cancelling reaches a worker whatever became of its job.
 */
export async function whileRunning<T>(
  runs: Pick<RunStore, 'find'>,
  { id, attempt }: RunAttempt,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const look = async (): Promise<void> => {
    const run = await runs.find(id);
    if (run?.state !== 'running' || run.attempt !== attempt) over.abort(runCancelled(id));
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS); // no answer says nothing
  try {
    return await work(over.signal);
  } finally {
    clearInterval(timer);
  }
}
