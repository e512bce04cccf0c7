import { randomBytes } from 'node:crypto';

import { type Job, type JobsOptions, type Queue } from 'bullmq';

import { SECOND } from '#libs/kernel/duration.js';
import { isAppError, messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { type AddOptions, type JobQueue, type JobView, type Retry, type WorkOptions } from '../job-queue.js';
import { type JobDefinition, type JobHandler } from '../job.js';
import { viewOf } from './bull-job-view.js';
import { queueUnavailable, withinPatience, type BullServer } from './bull-server.js';
import { BullWorker } from './bull-worker.js';

/** Whoever adds a job, an operator or a request, is told after so long that the server gives no answer. */
const PATIENCE_MS = 3 * SECOND;

/**
 * The queue of BullMQ, for workers on many machines. The server is asked when something is wanted of it: a program starts,
 * and serves, without it.
 */
export class BullQueue implements JobQueue {
  private readonly workers = new Set<BullWorker>();
  private opening: Promise<Queue> | undefined;

  constructor(
    private readonly server: BullServer,
    private readonly log: Log,
  ) {}

  async check(): Promise<void> {
    await this.server.inspect().catch((error: unknown) => {
      if (!isAppError(error, 'QUEUE_UNAVAILABLE')) throw error;
      this.log.error('job queue not reachable', { error: messageOf(error) });
    });
  }

  add<Data>(
    job: JobDefinition<Data>,
    data: Data,
    { delayMs = 0, dedupeKey }: AddOptions = {},
  ): Promise<{ readonly id: string; readonly joined: boolean }> {
    return this.ask((queue) =>
      addOrJoin(queue, job.name, data ?? null, {
        delay: delayMs,
        attempts: job.attempts,
        backoff: { type: 'exponential', delay: job.backoffMs },
        ...(dedupeKey === undefined ? {} : { deduplication: { id: dedupeKey } }),
      }),
    );
  }

  work(handlers: readonly JobHandler[], options: WorkOptions): BullWorker {
    const parts = { server: this.server, log: this.log };
    const worker = new BullWorker(parts, handlers, options, () => this.workers.delete(worker));
    this.workers.add(worker);
    worker.start();
    return worker;
  }

  find(id: string): Promise<JobView | undefined> {
    return this.ask(async (queue) => {
      const job = await jobOf(queue, id);
      return job && viewOf(job);
    });
  }

  failed(): Promise<readonly JobView[]> {
    return this.ask(async (queue) => {
      const views = await Promise.all((await queue.getFailed()).map(viewOf));
      return views.filter((view) => view !== undefined).filter(({ state }) => state === 'failed');
    });
  }

  retry(id: string): Promise<Retry> {
    return this.ask(async (queue) => {
      const job = await jobOf(queue, id);
      if (job === undefined || !(await job.isFailed())) return 'not-found';
      // A new one first: its key is claimed in the same step, and a crash in between loses nothing.
      const { joined } = await addOrJoin(queue, job.name, job.data, { ...job.opts, delay: 0 });
      if (joined) return 'joined';
      await job.remove();
      return 'retried';
    });
  }

  sweep(olderThanMs: number): Promise<number> {
    return this.ask(async (queue) => {
      const completed = await queue.clean(olderThanMs, 0, 'completed');
      const failed = await queue.clean(olderThanMs, 0, 'failed');
      return completed.length + failed.length;
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.close()));
    await this.letGo();
  }

  private async ask<T>(question: (queue: Queue) => Promise<T>): Promise<T> {
    this.opening ??= this.open();
    const { opening } = this;
    try {
      return await withinPatience(
        opening.then((queue) => question(queue)),
        PATIENCE_MS,
      );
    } catch (error) {
      if (this.opening === opening) await this.letGo(); // whoever comes next begins with a look at the server
      throw isAppError(error) ? error : queueUnavailable(this.server.place, messageOf(error));
    }
  }

  private async open(): Promise<Queue> {
    await this.server.inspect();
    const queue = this.server.newQueue();
    queue.on('error', () => undefined); // whoever asks something is told
    return queue;
  }

  private async letGo(): Promise<void> {
    const queue = await this.opening?.catch(() => undefined);
    this.opening = undefined;
    // Not in good order, which would wait for a server that is away.
    await queue?.getBackend().close(true);
  }
}

async function addOrJoin(
  queue: Queue,
  name: string,
  data: unknown,
  options: JobsOptions,
): Promise<{ readonly id: string; readonly joined: boolean }> {
  // Named by us: one that has another name afterwards is the one that was there before.
  const jobId = `j${randomBytes(6).toString('hex')}`;
  const { id = jobId } = await queue.add(name, data, { ...options, jobId, stackTraceLimit: 0 });
  return { id, joined: id !== jobId };
}

/** Asked only for names that can be ours: others are other things that BullMQ keeps. */
const jobOf = (queue: Queue, id: string): Promise<Job | undefined> =>
  /^j[0-9a-f]{12}$/.test(id) ? queue.getJob(id) : Promise.resolve(undefined);
