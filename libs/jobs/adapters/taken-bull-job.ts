import { UnrecoverableError, type IQueueBackend, type Job } from 'bullmq';

import { SECOND } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { type JobAbortReason, type JobHandler } from '../job.js';
import { attemptJob, contextOf, judgeFailure, type JobOutcome, type TakenJob } from './attempt-job.js';
import { attemptsBefore, attemptsOf } from './bull-job-view.js';
import { withinPatience } from './bull-server.js';

const PATIENCE_MS = 5 * SECOND;

const WORKER_GONE: JobOutcome = {
  kind: 'failed',
  error: new Error('The worker was gone before the job had ended.'),
  final: true,
};

/** A job that this worker has taken, from its beginning until its end is written down. */
export class TakenBullJob {
  readonly id: string;
  ended: Promise<void> = Promise.resolve();
  private readonly aborted = new AbortController();
  private readonly taken: TakenJob;
  /** The queue has been flushed: nobody else has the job, and there is nowhere to write its end down. */
  private isForgotten = false;

  constructor(
    private readonly job: Job,
    readonly token: string,
    private readonly backend: IQueueBackend,
    private readonly log: Log,
  ) {
    this.id = job.id ?? '';
    this.taken = { id: this.id, name: job.name, attempt: attemptsBefore(job) + 1, maxAttempts: attemptsOf(job) };
  }

  /** Never rejects. */
  run(handler: JobHandler | undefined): Promise<void> {
    this.ended = this.runToEnd(handler);
    return this.ended;
  }

  abort(reason: JobAbortReason): void {
    if (!this.aborted.signal.aborted) this.aborted.abort(reason);
  }

  /** The lease could not be renewed. A job that the queue has lost goes on, since nobody else does its work. */
  async lost(): Promise<void> {
    if (this.isForgotten) return;
    this.isForgotten = (await this.backend.getState(this.id)) === 'unknown';
    if (this.isForgotten) this.log.warn('job queue has lost a job that goes on', this.fields());
    else this.abort('claim-lost');
  }

  private async runToEnd(handler: JobHandler | undefined): Promise<void> {
    const outcome = await this.attempt(handler);
    if (this.isForgotten) return;
    try {
      await withinPatience(this.settle(outcome), PATIENCE_MS);
    } catch (error) {
      // The lease is not renewed any more, so the job is taken up again: at least once, as promised.
      this.log.error('outcome of a job not stored', { ...this.fields(), error: messageOf(error) });
    }
  }

  private async attempt(handler: JobHandler | undefined): Promise<JobOutcome> {
    const { job, taken } = this;
    if (taken.attempt > taken.maxAttempts) return WORKER_GONE;
    const keep = (fraction: number): Promise<void> => job.updateProgress(fraction);
    if (job.progress !== 0) await keep(0).catch(() => undefined);
    return attemptJob(taken, () => job.data as unknown, handler, contextOf(this.aborted.signal, keep));
  }

  private async settle(outcome: JobOutcome): Promise<void> {
    const { job, token } = this;
    const abortedFor = this.aborted.signal.reason as JobAbortReason | undefined;
    if (abortedFor === 'claim-lost') return; // not ours any more
    if (outcome.kind === 'completed') await job.moveToCompleted(null, token, false);
    else if (abortedFor === 'worker-stopping') await job.moveToWait(token);
    else if (outcome.kind === 'not-ready') await job.moveToDelayed(Date.now() + outcome.delayMs, token);
    else {
      const { error, isLast } = judgeFailure(this.taken, outcome, this.log);
      await job.moveToFailed(isLast ? new UnrecoverableError(error) : new Error(error), token);
    }
  }

  private fields(): { readonly id: string; readonly job: string } {
    return { id: this.id, job: this.job.name };
  }
}
