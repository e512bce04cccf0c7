import { type JobQueue } from '../job-queue.js';
import { type JobContext, type JobDefinition, type JobHandler } from '../job.js';
import { onceJob, plainJob } from './contract-jobs.js';
import { type WorkerCommand } from './worker-process.js';

/** One queue for one test. */
export interface QueueHarness {
  /** Another handle on the same queue, as another process would have. */
  open(): JobQueue;
  /** Lets so much time pass for all handles, and for workers that are started afterwards. */
  advance(milliseconds: number): Promise<void>;
  /** After so long without a sign of life a worker counts as gone. */
  readonly leaseMs: number;
  /** Starts `workUntilTerminated` on this queue. */
  workerCommand(): WorkerCommand;
  /** Closes all handles. */
  close(): Promise<void>;
}

export type Handle = (data: string, context: JobContext) => Promise<void>;

export const handler = (job: JobDefinition<string>, handle: Handle): JobHandler<string> => ({ job, handle });

/** Runs what is ready, one at a time unless told otherwise. */
export const drain = (queue: JobQueue, handle: Handle, concurrency = 1): Promise<void> =>
  queue.work([handler(plainJob, handle), handler(onceJob, handle)], { concurrency, once: true }).idle;
