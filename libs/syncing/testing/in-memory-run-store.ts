import { type RepositoryName } from '#libs/kernel/ids.js';
import { leaseLost } from '#libs/persistence/fence.js';
import { type Fence } from '#libs/persistence/lease.js';

import { isOpen, type Run } from '../runs/run.js';
import {
  openKey,
  type LogChunk,
  type RunAttempt,
  type RunOutcome,
  type RunQuery,
  type RunRequest,
  type RunStore,
} from '../runs/run-store.js';

interface KeptRun {
  run: Run;
  dueKey: string | undefined;
  readonly log: LogChunk[];
}

/** A run store that forgets with the process. */
export class InMemoryRunStore implements RunStore {
  private kept: KeptRun[] = [];
  private lastId = 0;

  /** @param holds whether a fence still holds; by default every one does */
  constructor(private readonly holds: (fence: Fence) => boolean = () => true) {}

  async request(request: RunRequest): Promise<{ readonly run: Run; readonly joined: boolean } | undefined> {
    const { dueKey } = request;
    if (dueKey !== undefined && this.kept.some((kept) => kept.dueKey === dueKey)) return undefined;
    const open = this.kept.find(({ run }) => isOpen(run) && openKey(run) === openKey(request));
    if (open !== undefined) {
      open.dueKey ??= dueKey;
      return { run: open.run, joined: true };
    }
    const run = newRun(++this.lastId, request);
    this.kept.push({ run, dueKey, log: [] });
    return { run, joined: false };
  }

  async find(id: number): Promise<Run | undefined> {
    return this.get(id)?.run;
  }

  async list({ repository, states, limit }: RunQuery): Promise<readonly Run[]> {
    return this.kept
      .map(({ run }) => run)
      .filter((run) => repository === undefined || run.repository === repository)
      .filter((run) => states === undefined || states.includes(run.state))
      .toReversed()
      .slice(0, limit);
  }

  async lastSucceeded(repository: RepositoryName): Promise<Run | undefined> {
    return (await this.list({ repository, states: ['succeeded'], limit: 1 }))[0];
  }

  async start(id: number, at: Date): Promise<Run | undefined> {
    const kept = this.get(id);
    if (kept === undefined || !isOpen(kept.run)) return undefined;
    const { attempt, startedAt = at } = kept.run;
    kept.run = { ...kept.run, state: 'running', step: undefined, attempt: attempt + 1, startedAt };
    return kept.run;
  }

  async step(attempt: RunAttempt, step: string): Promise<boolean> {
    return this.change(attempt, { step });
  }

  async interrupt(attempt: RunAttempt, { inGoodOrder } = { inGoodOrder: false }): Promise<boolean> {
    const stops = (this.get(attempt.id)?.run.stops ?? 0) + (inGoodOrder ? 1 : 0);
    return this.change(attempt, { state: 'interrupted', step: undefined, stops });
  }

  async finish(run: RunAttempt | Pick<Run, 'id'>, outcome: RunOutcome): Promise<boolean> {
    const { at, state, snapshot, changes, errorCode, error } = outcome;
    return this.change(run, { state, finishedAt: at, step: undefined, snapshot, changes, errorCode, error });
  }

  async openSince(instant: Date): Promise<readonly Run[]> {
    return this.kept.map(({ run }) => run).filter((run) => isOpen(run) && run.requestedAt < instant);
  }

  async appendLog(id: number, text: string): Promise<void> {
    const log = this.get(id)?.log;
    log?.push({ part: log.length + 1, text });
  }

  async log(id: number, from: number): Promise<readonly LogChunk[]> {
    return (this.get(id)?.log ?? []).filter(({ part }) => part >= from);
  }

  async sweep(instant: Date): Promise<number> {
    const before = this.kept.length;
    this.kept = this.kept.filter((kept) => {
      const { finishedAt } = kept.run;
      return finishedAt === undefined || finishedAt >= instant || this.isWorthKeeping(kept);
    });
    return before - this.kept.length;
  }

  async forgetAll(repository: RepositoryName, fence: Fence): Promise<void> {
    if (!this.holds(fence)) throw leaseLost(fence.name);
    this.kept = this.kept.filter(({ run }) => run.repository !== repository);
  }

  private isWorthKeeping(kept: KeptRun): boolean {
    const ofRepository = this.kept.filter(({ run }) => run.repository === kept.run.repository);
    const lastGood = ofRepository.findLast(({ run }) => run.state === 'succeeded');
    const lastDue = ofRepository.findLast(({ dueKey }) => dueKey !== undefined);
    return kept === lastGood || kept === lastDue;
  }

  private change(run: RunAttempt | Pick<Run, 'id'>, changes: Partial<Run>): boolean {
    const kept = this.get(run.id);
    if (kept === undefined || !isOpen(kept.run)) return false;
    if ('attempt' in run && (kept.run.state !== 'running' || kept.run.attempt !== run.attempt)) return false;
    kept.run = { ...kept.run, ...changes };
    return true;
  }

  private get(id: number): KeptRun | undefined {
    return this.kept.find(({ run }) => run.id === id);
  }
}

const newRun = (id: number, { kind, milestone, repository, act, at }: RunRequest): Run => ({
  id,
  kind,
  milestone,
  repository,
  state: 'queued',
  requestedBy: act.actor,
  requestedAt: at,
  startedAt: undefined,
  finishedAt: undefined,
  attempt: 0,
  stops: 0,
  step: undefined,
  snapshot: undefined,
  changes: undefined,
  errorCode: undefined,
  error: undefined,
});
