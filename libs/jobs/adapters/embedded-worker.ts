import { type Clock } from '#libs/kernel/clock.js';
import { SECOND } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { type JobWorker, type WorkOptions } from '../job-queue.js';
import { type JobAbortReason, type JobHandler } from '../job.js';
import { attemptJob, contextOf, handlersByName } from './attempt-job.js';
import { type ClaimedJob, type JobTable } from './job-table.js';
import { settleClaim } from './settle-claim.js';

/** How soon another process's change is seen; asking costs a microsecond. */
const POLL_MS = 50;
/** How soon a queue that could not be read or written is asked again. */
const ASK_AGAIN_MS = SECOND;

export interface WorkerParts {
  readonly table: JobTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly leaseMs: number;
}

interface RunningJob {
  readonly job: ClaimedJob;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Claims jobs when there are any, keeps their leases alive, and notices when one was taken away. */
export class EmbeddedWorker implements JobWorker {
  readonly idle: Promise<void>;
  private readonly handlers: ReadonlyMap<string, JobHandler>;
  private readonly running = new Set<RunningJob>();
  private stopping = false;
  private paused = false;
  private woken = false;
  private seenVersion = -1;
  private lastBeat = -Infinity;
  private nextLook = 0;
  /** When the queue was asked in vain; `undefined` while it answers. */
  private failedAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private resolveIdle: () => void = () => undefined;

  constructor(
    private readonly parts: WorkerParts,
    handlers: readonly JobHandler[],
    private readonly options: WorkOptions,
    private readonly onClosed: () => void,
  ) {
    this.handlers = handlersByName(handlers);
    this.idle = new Promise((resolve) => {
      this.resolveIdle = resolve;
    });
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), POLL_MS);
    this.wake();
  }

  /** Looks for work in a moment, once for any number of calls. */
  wake(): void {
    if (this.woken) return;
    this.woken = true;
    setImmediate(() => {
      this.woken = false;
      this.guarded(() => this.look());
    });
  }

  pause(): void {
    this.paused = true;
    this.wake();
  }

  resume(): void {
    this.paused = false;
    this.wake();
  }

  async close(): Promise<void> {
    this.stopping = true;
    for (const { abort } of this.running) abort.abort('worker-stopping' satisfies JobAbortReason);
    while (this.running.size > 0) await Promise.all([...this.running].map(({ ended }) => ended));
    clearInterval(this.timer);
    this.resolveIdle();
    this.onClosed();
  }

  private tick(): void {
    const { failedAt } = this;
    if (failedAt !== undefined && Math.abs(this.now() - failedAt) < ASK_AGAIN_MS) return;
    this.guarded(() => {
      this.renewLeases();
      const version = this.parts.table.version();
      if (failedAt === undefined && version === this.seenVersion && this.now() < this.nextLook) return;
      this.seenVersion = version;
      this.look();
    });
  }

  private renewLeases(): void {
    const now = this.now();
    // The distance counts, not the order: when the clock was set back, waiting for it to catch up would cost the leases.
    if (Math.abs(now - this.lastBeat) < this.parts.leaseMs / 3) return;
    this.nextLook = 0;
    for (const running of this.running) {
      if (!this.parts.table.renew(running.job, now + this.parts.leaseMs)) this.abortLost(running);
    }
    this.lastBeat = now; // not before: what could not be renewed is due at the next look
    this.parts.table.setRight(now, this.unbelievable(now));
    this.reap(now);
  }

  private look(): void {
    const { table } = this.parts;
    this.renewLeases(); // first of all: after a pause of the machine we must not reap our own jobs
    for (const running of this.running) if (!table.holds(running.job)) this.abortLost(running);
    if (this.stopping) return;
    const now = this.now();
    let due = table.nextDue();
    if (due.lapsesAt < now) {
      this.reap(now);
      due = table.nextDue();
    }
    if (due.readyAt <= now && this.mayClaim()) {
      this.claimReady(now);
      due = table.nextDue();
    }
    // With all hands full, the end of a job is what to look out for.
    this.nextLook = Math.min(due.lapsesAt + 1, this.mayClaim() ? due.readyAt : Infinity);
    if (this.options.once === true && this.running.size === 0) void this.close();
  }

  private reap(now: number): void {
    for (const { id, name, attempt, state } of this.parts.table.reap(now, this.unbelievable(now))) {
      const fields = { id, job: name, attempt };
      if (state === 'failed') this.parts.log.error('job parked: its worker was gone every time', fields);
      else this.parts.log.warn('job taken from a worker that is gone', fields);
    }
  }

  /** Nothing is written for later than this by a clock that goes right: workers on one host share one. */
  private unbelievable(now: number): number {
    return now + 4 * this.parts.leaseMs;
  }

  private claimReady(now: number): void {
    while (this.mayClaim()) {
      const job = this.parts.table.claim(now, this.parts.leaseMs);
      if (job === undefined) return;
      this.begin(job);
    }
  }

  private begin(job: ClaimedJob): void {
    const abort = new AbortController();
    const running = { job, abort, ended: this.runToEnd(job, abort.signal).finally(() => this.ended(running)) };
    this.running.add(running);
  }

  private async runToEnd(job: ClaimedJob, signal: AbortSignal): Promise<void> {
    const { table } = this.parts;
    const context = contextOf(signal, (fraction) => {
      table.progress(job, fraction);
    });
    const outcome = await attemptJob(job, () => JSON.parse(job.data) as unknown, this.handlers.get(job.name), context);
    try {
      settleClaim(job, outcome, signal.reason as JobAbortReason | undefined, this.parts);
    } catch (error) {
      // The lease is not renewed any more, so the job is taken up again: at least once, as promised.
      this.parts.log.error('outcome of a job not stored', { id: job.id, job: job.name, error: messageOf(error) });
    }
  }

  private ended(running: RunningJob): void {
    this.running.delete(running);
    this.wake();
  }

  private abortLost({ abort }: RunningJob): void {
    if (!abort.signal.aborted) abort.abort('claim-lost' satisfies JobAbortReason);
  }

  private mayClaim(): boolean {
    return !this.paused && this.running.size < this.options.concurrency;
  }

  private now(): number {
    return this.parts.clock.now().getTime();
  }

  /** A busy or failing database must not end the process, nor fill a full volume with lines about it. */
  private guarded(work: () => void): void {
    const { log } = this.parts;
    try {
      work();
      if (this.failedAt !== undefined) log.info('job queue reachable again');
      this.failedAt = undefined;
    } catch (error) {
      if (this.failedAt === undefined) log.error('job queue not reachable', { error: messageOf(error) });
      this.failedAt = this.now();
    }
  }
}
