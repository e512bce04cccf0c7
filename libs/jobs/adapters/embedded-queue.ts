import { type Clock } from '#libs/kernel/clock.js';
import { SECOND } from '#libs/kernel/duration.js';
import { type Log } from '#libs/observability/log.js';

import { type AddOptions, type JobQueue, type JobView, type Retry, type WorkOptions } from '../job-queue.js';
import { type JobDefinition, type JobHandler } from '../job.js';
import { EmbeddedWorker } from './embedded-worker.js';
import { JobTable } from './job-table.js';
import { openQueueDatabase } from './open-queue-database.js';

/** A worker killed with -9 is noticed after so long; three renewals fit into it. */
const LEASE_MS = 15 * SECOND;

export interface EmbeddedQueueParts {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The queue on a SQLite file of its own: any number of processes of one host may add and work, and no service is needed.
 * All times are the given clock's, which the processes of one host share.
 */
export class EmbeddedQueue implements JobQueue {
  private readonly workers = new Set<EmbeddedWorker>();
  private readonly table: JobTable;

  constructor(
    file: string,
    private readonly parts: EmbeddedQueueParts,
  ) {
    this.table = new JobTable(openQueueDatabase(file));
  }

  /** It was opened when it was made. */
  async check(): Promise<void> {
    return undefined;
  }

  async add<Data>(
    job: JobDefinition<Data>,
    data: Data,
    { delayMs = 0, dedupeKey }: AddOptions = {},
  ): Promise<{ readonly id: string; readonly joined: boolean }> {
    const now = this.now();
    const { id, joined } = this.table.add({
      name: job.name,
      data: JSON.stringify(data ?? null),
      runAt: now + delayMs,
      maxAttempts: job.attempts,
      backoffMs: job.backoffMs,
      dedupeKey: dedupeKey ?? null,
      now,
    });
    this.wakeWorkers();
    return { id: String(id), joined };
  }

  work(handlers: readonly JobHandler[], options: WorkOptions): EmbeddedWorker {
    const parts = { ...this.parts, table: this.table, leaseMs: LEASE_MS };
    const worker = new EmbeddedWorker(parts, handlers, options, () => this.workers.delete(worker));
    this.workers.add(worker);
    worker.start();
    return worker;
  }

  async find(id: string): Promise<JobView | undefined> {
    return this.table.find(rowId(id));
  }

  async failed(): Promise<readonly JobView[]> {
    return this.table.failed();
  }

  async retry(id: string): Promise<Retry> {
    const outcome = this.table.retry(rowId(id), this.now());
    if (outcome === 'retried') this.wakeWorkers();
    return outcome;
  }

  async sweep(olderThanMs: number): Promise<number> {
    return this.table.sweep(this.now() - olderThanMs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.close()));
    this.table.close();
  }

  private now(): number {
    return this.parts.clock.now().getTime();
  }

  /** Other processes see a change of the file; our own connection does not see its own changes. */
  private wakeWorkers(): void {
    for (const worker of this.workers) worker.wake();
  }
}

/** 0, which no row has, for what is not an id. */
const rowId = (id: string): number => (/^\d{1,15}$/.test(id) ? Number(id) : 0);
