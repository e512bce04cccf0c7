import { token } from '#libs/kernel/provider.js';

import { type JobDefinition, type JobHandler } from './job.js';

export interface AddOptions {
  /** Milliseconds before it may start. */
  readonly delayMs?: number;
  /** While a job of that key waits or runs, adding another one joins it. */
  readonly dedupeKey?: string;
}

export type JobState = 'waiting' | 'active' | 'completed' | 'failed';

/** `joined`: a newer job of its key is open, which does its work; the failed one stays as it is. */
export type Retry = 'retried' | 'joined' | 'not-found';

export interface JobView {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly state: JobState;
  readonly attempt: number;
  readonly progress: number;
  /** Of the last attempt that failed. */
  readonly error: string | undefined;
  readonly addedAt: Date;
  readonly finishedAt: Date | undefined;
}

export interface WorkOptions {
  readonly concurrency: number;
  /** Take and finish what is ready, then resolve `idle`. */
  readonly once?: boolean;
}

export interface JobWorker {
  /** Resolves when nothing that was ready is left; only with `once`. */
  readonly idle: Promise<void>;
  /**
   * Claims nothing new until `resume`, also when it has only just been made; what runs goes on and keeps its lease. With
   * `once` nothing counts as ready meanwhile.
   */
  pause(): void;
  resume(): void;
  /** Stops claiming, aborts what runs with `worker-stopping`, waits for it, and gives it back to the queue unharmed. */
  close(): Promise<void>;
}

/**
 * Work that outlives the process that asked for it. A job is run at least once; when a worker dies its jobs are taken up
 * again within 45 s. Every driver passes `testing/jobs.contract.ts`.
 */
export interface JobQueue {
  /**
   * For whoever is about to work. A queue that is out of reach is waited for; one that can never be used as it is rejects.
   *
   * @throws AppError `QUEUE_DENIED`, `QUEUE_UNFIT`
   */
  check(): Promise<void>;
  /** Of those that are ready the first one goes first; when delayed ones have their turn among them is up to the driver. */
  add<Data>(
    job: JobDefinition<Data>,
    data: Data,
    options?: AddOptions,
  ): Promise<{ readonly id: string; readonly joined: boolean }>;
  /** All workers of a queue know the same jobs: one that has no handler here is parked as failed. */
  work(handlers: readonly JobHandler[], options: WorkOptions): JobWorker;
  find(id: string): Promise<JobView | undefined>;
  /** Jobs that used up their attempts, newest first. */
  failed(): Promise<readonly JobView[]>;
  /** Gives the work of a failed job its attempts again, maybe under a new id; `not-found` when there is no such failed job. */
  retry(id: string): Promise<Retry>;
  /** Forgets ended jobs older than the given age. */
  sweep(olderThanMs: number): Promise<number>;
  close(): Promise<void>;
}

export const JOB_QUEUE = token<JobQueue>('JobQueue');
