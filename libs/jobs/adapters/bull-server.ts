import { type Queue, type Worker } from 'bullmq';

import { AppError } from '#libs/kernel/errors.js';
import { SECOND } from '#libs/kernel/duration.js';

/** A server on which BullMQ keeps jobs. */
export interface BullServer {
  /** For people: `Redis at 10.0.0.5:6379`; without user and password. */
  readonly place: string;
  /**
   * Whether jobs may be put there. It is asked before each connection, so that a server which is away is noticed at once.
   *
   * @throws AppError `QUEUE_UNAVAILABLE` while it gives no answer; `QUEUE_DENIED`, `QUEUE_UNFIT` when it never will do
   */
  inspect(): Promise<void>;
  newQueue(): Queue;
  /** One that takes jobs when it is told to. */
  newWorker(): Worker;
}

/** A worker killed with -9 is noticed after so long, and at the check after that. */
export const LEASE_MS = 15 * SECOND;

/** What all workers of a queue must have in common: the check for stalled jobs is shared. */
export const WORKER_OPTIONS = {
  autorun: false,
  lockDuration: LEASE_MS,
  stalledInterval: 9 * SECOND,
  maxStalledCount: 1_000_000, // how often a job may lose its worker is its own matter
  drainDelay: 5,
} as const;

/** Nobody listens to events; the default would keep 10,000 of them. */
export const QUEUE_OPTIONS = { streams: { events: { maxLen: 100 } } } as const;

export const QUEUE_NAME = 'jobs';

export const queueUnavailable = (place: string, reason: string): AppError =>
  new AppError('unavailable', 'QUEUE_UNAVAILABLE', `The job queue on ${place} cannot be used now: ${reason}.`, {
    hint: 'Once it answers everything goes on by itself; open work stands in the database.',
  });

/** For whoever must not wait as long as a server may take. */
export async function withinPatience<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(milliseconds / SECOND)} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
