import { setTimeout } from 'node:timers/promises';

import { JobNotReady } from '#libs/jobs/job.js';
import { type Actor } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { SECOND } from '#libs/kernel/duration.js';
import { AppError, isAppError, messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';
import { type Fence, type Leases } from '#libs/persistence/lease.js';
import { type Held } from '#libs/persistence/with-lease.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type SnapshotTaken } from '#libs/snapshots/take-snapshot.js';

import { MOST_ATTEMPTS, outcomeOfError, outcomeOfSnapshot, type AttemptOutcome } from './outcome-of.js';
import { withRepositoryLease } from './repository-lease.js';
import { RunLog } from './runs/run-log.js';
import { countedAttempts, isOpen, type Run } from './runs/run.js';
import { type RunOutcome, type RunStore } from './runs/run-store.js';
import { runCancelled, whileRunning } from './runs/watch-attempt.js';

/** One attempt of a run, under the lease of its repository. */
export interface Attempt {
  readonly run: Run;
  readonly repository: Repository;
  /** Who works on it. */
  readonly worker: Actor;
  readonly fence: Fence;
  /** Aborted when the run is cancelled, the worker stops or the lease is lost. */
  readonly signal: AbortSignal;
  readonly log: RunLog;
  /** Says what it is busy with. @throws AppError `RUN_CANCELLED` when the run has ended meanwhile */
  readonly step: (step: string) => Promise<void>;
}

export interface AttemptSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** Who works: the holder of leases. */
  readonly worker: Actor;
}

/** Somebody else's sync of the repository takes minutes at least. */
const TAKEN_DELAY_MS = 10 * SECOND;
/** How long to wait, each time again, for a database that does not take the outcome. */
const OUTCOME_DELAYS_MS = [SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND];

/** Does the work of a run so that it is done by one worker at a time, and so that the run says how it ended. */
export class AttemptRun {
  constructor(
    private readonly runs: RunStore,
    private readonly repositories: RepositoryStore,
    private readonly leases: Leases,
    private readonly surroundings: AttemptSurroundings,
    private readonly wait: (milliseconds: number) => Promise<unknown> = setTimeout,
  ) {}

  /**
   * Nothing happens to a run that has ended: a job may be delivered twice (trust T-51).
   *
   * @throws JobNotReady when the run has to be attempted again: it is busy elsewhere, was interrupted, or lost its lease
   */
  async run(id: number, signal: AbortSignal, work: (attempt: Attempt) => Promise<SnapshotTaken>): Promise<void> {
    const asked = await this.runs.find(id);
    if (asked === undefined || !isOpen(asked)) return;
    const leased = await withRepositoryLease(this.leases, asked.repository, this.surroundings.worker, (held) =>
      this.attempt(id, signal, held, work),
    );
    if (leased.kind === 'taken') throw new JobNotReady(TAKEN_DELAY_MS, `"${asked.repository}" is being worked on`);
    const again = leased.value;
    if (again !== undefined) throw new JobNotReady(again.delayMs, again.why);
  }

  private async attempt(
    id: number,
    jobSignal: AbortSignal,
    { fence, signal: leaseSignal }: Held,
    work: (attempt: Attempt) => Promise<SnapshotTaken>,
  ): Promise<Extract<AttemptOutcome, { kind: 'again' }> | undefined> {
    const run = await this.runs.start(id, this.surroundings.clock.now());
    if (run === undefined) return undefined;
    const log = new RunLog(this.runs, id, this.surroundings.log);
    const outcome = await whileRunning(this.runs, run, (cancelled) => {
      const signal = AbortSignal.any([cancelled, jobSignal, leaseSignal]);
      return this.outcomeOf(run, signal, async () => {
        if (countedAttempts(run) > MOST_ATTEMPTS) throw givenUp(run);
        if (run.attempt > 1) log.note(`attempt ${String(run.attempt)}`);
        const repository = await getRepository(this.repositories, run.repository);
        const { worker } = this.surroundings;
        return work({ run, repository, worker, fence, signal, log, step: (step) => this.step(run, step) });
      });
    });
    log.note(outcome.kind === 'again' ? `interrupted: ${outcome.why}` : lastWords(outcome.outcome, outcome.hint));
    await log.close();
    await this.settle(run, outcome);
    return outcome.kind === 'again' ? outcome : undefined;
  }

  private async outcomeOf(run: Run, signal: AbortSignal, work: () => Promise<SnapshotTaken>): Promise<AttemptOutcome> {
    try {
      return outcomeOfSnapshot(await work());
    } catch (error) {
      const outcome = outcomeOfError(error, signal.reason, countedAttempts(run));
      if (!signal.aborted && (!isAppError(error) || error.kind === 'internal')) {
        this.surroundings.log.error('run failed unexpectedly', { run: run.id, error });
      }
      return outcome;
    }
  }

  private async step(run: Run, step: string): Promise<void> {
    if (!(await this.runs.step(run, step))) throw runCancelled(run.id);
  }

  private async settle(run: Run, outcome: AttemptOutcome): Promise<void> {
    const fields = { run: run.id, repository: run.repository, attempt: run.attempt };
    if (outcome.kind === 'again') {
      this.surroundings.log.warn('run interrupted', { ...fields, why: outcome.why });
      // If this cannot be stored the run stays as if its worker had died, and is begun again just as well.
      await this.runs.interrupt(run, outcome).catch(() => false);
      return;
    }
    const ended = { ...outcome.outcome, at: this.surroundings.clock.now() };
    await this.store(run, ended);
    const { state, snapshot, errorCode, error } = ended;
    this.surroundings.log[state === 'failed' ? 'warn' : 'info']('run ended', {
      ...fields,
      state,
      snapshot,
      errorCode,
      error,
    });
  }

  /** An outcome must not be lost to a database that is busy for some seconds; one that is lost is at least in the log. */
  private async store(run: Run, outcome: RunOutcome): Promise<void> {
    for (const delay of [...OUTCOME_DELAYS_MS, undefined]) {
      try {
        await this.runs.finish(run, outcome); // false: cancelled or overtaken, which counts more
        return;
      } catch (error) {
        if (delay === undefined) {
          this.surroundings.log.error('outcome of a run not stored', {
            ...outcome,
            run: run.id,
            cause: messageOf(error),
          });
          throw error;
        }
        await this.wait(delay);
      }
    }
  }
}

const givenUp = (run: Run): AppError =>
  new AppError(
    'conflict',
    'RUN_GIVEN_UP',
    `The run broke off ${String(countedAttempts(run) - 1)} times and never came to its end.`,
    {
      hint: "The workers' logs say what ended them.",
    },
  );

function lastWords({ state, error, snapshot }: Omit<RunOutcome, 'at'>, hint: string | undefined): string {
  if (error !== undefined) return hint === undefined ? error : `${error} ${hint}`;
  return snapshot === undefined ? state : `${state} with snapshot ${snapshot}`;
}
