import { type CommandOutcome } from '#libs/commands/run-command.js';
import { type JobAbortReason } from '#libs/jobs/job.js';
import { formatDuration, SECOND } from '#libs/kernel/duration.js';
import { AppError, isAppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type SnapshotTaken } from '#libs/snapshots/take-snapshot.js';

import { type RunOutcome } from './runs/run-store.js';

/** How an attempt of a run came to its end. */
export type AttemptOutcome =
  /** So does the run. */
  | { readonly kind: 'ended'; readonly outcome: Omit<RunOutcome, 'at'>; readonly hint?: string | undefined }
  /** The run goes on with another attempt, not before `delayMs`; `inGoodOrder`: nothing went wrong. */
  | { readonly kind: 'again'; readonly why: string; readonly delayMs: number; readonly inGoodOrder: boolean };

export interface Limits {
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
}

/**
 * After so many attempts that broke off a run is given up: whatever kills its workers must not go on for ever (trust T-55).
 * Orderly stops of workers do not count.
 */
export const MOST_ATTEMPTS = 8;

/** What was wrong with a command that ended by itself, or `undefined`. */
export function commandFailure(
  name: RepositoryName,
  outcome: Exclude<CommandOutcome, { kind: 'aborted' }>,
  limits: Limits,
): AppError | undefined {
  const failed = (how: string): AppError =>
    new AppError('conflict', 'SYNC_FAILED', `The sync command of "${name}" ${how}.`, {
      hint: 'What it printed says why.',
    });
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? undefined : failed(`failed with exit code ${String(outcome.code)}`);
    case 'killed':
      return failed(`was killed by ${outcome.signal}`);
    case 'timed-out':
      return timedOut(name, outcome.after, limits);
    case 'locked':
      return new AppError('conflict', 'SYNC_LOCKED', `An earlier sync command of "${name}" is still running.`, {
        hint: 'Look for processes that it has left behind, and end them.',
      });
    case 'not-started':
      return new AppError('unavailable', 'SYNC_NOT_STARTED', `The sync command of "${name}" could not be started.`, {
        hint: "The worker's log says why.",
        cause: outcome.cause,
      });
  }
}

/** A snapshot that a check holds back is a failure to whoever waits for the sync, though the snapshot is kept. */
export function outcomeOfSnapshot({ snapshot, changes }: SnapshotTaken): AttemptOutcome {
  const facts = { snapshot: snapshot.id, changes };
  if (snapshot.state !== 'held') return { kind: 'ended', outcome: { state: 'succeeded', ...facts } };
  const error = `The snapshot ${snapshot.id} is held: ${snapshot.note ?? 'a check failed'}`;
  return { kind: 'ended', outcome: { state: 'failed', ...facts, errorCode: 'SNAPSHOT_HELD', error } };
}

const cancelled: AttemptOutcome = {
  kind: 'ended',
  outcome: { state: 'cancelled', errorCode: 'RUN_CANCELLED', error: 'The run was cancelled.' },
};

function again(why: string, delayMs: number): AttemptOutcome {
  return { kind: 'again', why, delayMs, inGoodOrder: false };
}

const OF_ABORTED: Readonly<Record<JobAbortReason, AttemptOutcome>> = {
  'worker-stopping': { kind: 'again', why: 'the worker stops', delayMs: 0, inGoodOrder: true },
  'claim-lost': again('another worker has taken the job over', 0),
};

const isAbortReason = (reason: unknown): reason is JobAbortReason =>
  typeof reason === 'string' && Object.hasOwn(OF_ABORTED, reason);

/**
 * What becomes of a run when its attempt was broken off or failed.
 *
 * @param attempt the attempts that count, this one included
 * @param abortedFor why the attempt was told to stop, when it was; that outweighs whatever error came of it
 */
export function outcomeOfError(error: unknown, abortedFor: unknown, attempt: number): AttemptOutcome {
  if (isAbortReason(abortedFor)) return OF_ABORTED[abortedFor];
  const cause = isAppError(abortedFor) ? abortedFor : error;
  if (isAppError(cause, 'LEASE_LOST')) return again(cause.message, 10 * SECOND);
  if (isAppError(cause, 'RUN_CANCELLED')) return cancelled;
  if (isAppError(cause, 'SYNC_LOCKED') && attempt < MOST_ATTEMPTS) {
    return again(cause.message, 15 * SECOND);
  }
  return failure(cause);
}

function failure(error: unknown): AttemptOutcome {
  const { code, message, hint } = isAppError(error)
    ? error
    : {
        code: 'RUN_BROKEN',
        message: 'The run ended by an error that was not foreseen.',
        hint: "The worker's log names it.",
      };
  return { kind: 'ended', outcome: { state: 'failed', errorCode: code, error: message }, hint };
}

function timedOut(name: RepositoryName, after: 'total' | 'idle', limits: Limits): AppError {
  const [how, setting] =
    after === 'total'
      ? [`did not end within ${formatDuration(limits.timeoutMs)}`, 'SYNC_TIMEOUT']
      : [`neither printed nor saved anything for ${formatDuration(limits.idleTimeoutMs)}`, 'SYNC_IDLE_TIMEOUT'];
  return new AppError('unavailable', 'SYNC_TIMED_OUT', `The sync command of "${name}" ${how} and was ended.`, {
    hint: `Set ${setting} if it needs longer.`,
  });
}
