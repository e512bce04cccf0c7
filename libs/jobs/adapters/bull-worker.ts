import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { type Job, type Worker } from 'bullmq';

import { SECOND } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { type JobWorker, type WorkOptions } from '../job-queue.js';
import { type JobHandler } from '../job.js';
import { handlersByName } from './attempt-job.js';
import { LEASE_MS, withinPatience, type BullServer } from './bull-server.js';
import { News } from './news.js';
import { TakenBullJob } from './taken-bull-job.js';

/** Three renewals fit into a lease. */
const BEAT_MS = LEASE_MS / 3;
/** How soon a server that cannot be used is asked again. */
const ASK_AGAIN_MS = SECOND;
/** Who stops must come to an end, also when the server is away: what cannot be given back is taken up again later. */
const LAST_PATIENCE_MS = 3 * SECOND;

/** Takes jobs when there are any, keeps their leases alive, and notices when one was taken away. */
export class BullWorker implements JobWorker {
  readonly idle: Promise<void>;
  private readonly handlers: ReadonlyMap<string, JobHandler>;
  private readonly running = new Set<TakenBullJob>();
  private stopping = false;
  private paused = false;
  private isAway = false;
  private working: Promise<void> = Promise.resolve();
  private bull: Worker | undefined;
  private beating: Promise<void> | undefined;
  private heart: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;
  private readonly news = new News();
  private resolveIdle: () => void = () => undefined;

  constructor(
    private readonly parts: { readonly server: BullServer; readonly log: Log },
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
    this.working = this.work();
  }

  pause(): void {
    this.paused = true;
    this.news.tell();
  }

  resume(): void {
    this.paused = false;
    this.news.tell();
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.stopping = true;
    this.news.tell();
    for (const job of this.running) job.abort('worker-stopping');
    while (this.running.size > 0) await Promise.all([...this.running].map(({ ended }) => ended));
    clearInterval(this.heart);
    // Wakes the fetch that waits for news; what it may have got at this very moment it gives back.
    await withinPatience(this.fetchEnded(), LAST_PATIENCE_MS).catch(() => undefined);
    await this.bull?.close(true);
    this.onClosed();
    this.resolveIdle();
  }

  private async fetchEnded(): Promise<void> {
    await this.bull?.getBackend().disconnectBlocking();
    await this.working;
  }

  private async work(): Promise<void> {
    await pause(0); // whoever made this worker may pause it first
    const bull = await this.connected();
    if (bull === undefined) return;
    this.heart = setInterval(() => this.beat(bull), BEAT_MS);
    this.beat(bull);
    while (!this.stopping) await this.turn(bull);
  }

  /** `undefined` when it was closed before the server could be used. */
  private async connected(): Promise<Worker | undefined> {
    while (!this.stopping) {
      try {
        await this.parts.server.inspect();
        const bull = this.parts.server.newWorker();
        this.bull = bull;
        bull.on('error', (error) => {
          this.away(error);
        });
        await bull.waitUntilReady();
        this.back();
        return bull;
      } catch (error) {
        this.away(error);
        await this.bull?.close(true);
        this.bull = undefined;
        await Promise.race([pause(ASK_AGAIN_MS), this.news.next]);
      }
    }
    return undefined;
  }

  private async turn(bull: Worker): Promise<void> {
    const { next } = this.news;
    if (this.mayTake()) {
      const token = randomUUID();
      const job = await this.take(bull, token);
      if (job !== undefined) return this.received(bull, job, token);
      if (this.options.once !== true) return;
    }
    if (this.options.once === true && this.running.size === 0) void this.close();
    else await next;
  }

  private async take(bull: Worker, token: string): Promise<Job | undefined> {
    try {
      return await bull.getNextJob(token, { block: this.options.once !== true });
    } catch (error) {
      if (this.stopping) return undefined;
      this.away(error);
      await pause(ASK_AGAIN_MS);
      return undefined;
    }
  }

  private async received(bull: Worker, job: Job, token: string): Promise<void> {
    if (this.stopping || this.paused) {
      await job.moveToWait(token).catch((error: unknown) => {
        this.away(error);
      });
      return;
    }
    const taken = new TakenBullJob(job, token, bull.getBackend(), this.parts.log);
    this.running.add(taken);
    void taken.run(this.handlers.get(job.name)).finally(() => {
      this.running.delete(taken);
      this.news.tell();
    });
  }

  /** A sign of life for what runs, and a look for workers that give none any more. */
  private beat(bull: Worker): void {
    this.beating ??= withinPatience(this.renewAndLook(bull), BEAT_MS)
      .then(
        () => {
          this.back();
        },
        (error: unknown) => {
          this.away(error);
        },
      )
      .finally(() => (this.beating = undefined));
  }

  private async renewAndLook(bull: Worker): Promise<void> {
    const backend = bull.getBackend();
    const running = [...this.running]; // our own first: after a pause of the machine we must not take our own jobs
    if (running.length > 0) {
      const ids = running.map(({ id }) => id);
      const tokens = running.map(({ token }) => token);
      const lost = new Set(await backend.extendLocks(ids, tokens, LEASE_MS));
      for (const job of running) if (lost.has(job.id)) await job.lost();
    }
    for (const id of await backend.moveStalledJobsToWait()) {
      this.parts.log.warn('job taken from a worker that is gone', { id });
    }
  }

  private mayTake(): boolean {
    return !this.paused && this.running.size < this.options.concurrency;
  }

  /** Said once, however often the connection is tried in vain. */
  private away(error: unknown): void {
    if (this.isAway || this.stopping) return;
    this.isAway = true;
    this.parts.log.error('job queue not reachable', { error: messageOf(error) });
  }

  private back(): void {
    if (this.isAway) this.parts.log.info('job queue reachable again');
    this.isAway = false;
  }
}
