import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { token } from '#libs/kernel/provider.js';
import { type Fence } from '#libs/persistence/lease.js';

import { type MilestoneOptions, type Run, type RunKind, type RunState } from './run.js';

export interface RunRequest {
  readonly kind: RunKind;
  /** For a milestone release; such a request leaves an audit record (trust I-30). */
  readonly milestone?: MilestoneOptions | undefined;
  readonly repository: RepositoryName;
  readonly at: Date;
  readonly act: Act;
  /** What makes a piece of due work unique, such as `schedule:<repository>:2026-11-21T00:00`; a second one is not added. */
  readonly dueKey?: string;
}

export interface RunQuery {
  readonly repository?: RepositoryName;
  readonly states?: readonly RunState[];
  readonly limit?: number;
}

export interface RunOutcome {
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly at: Date;
  readonly snapshot?: SnapshotId;
  readonly changes?: Run['changes'];
  readonly errorCode?: string;
  readonly error?: string;
}

/** One execution of a run by a worker. */
export type RunAttempt = Pick<Run, 'id' | 'attempt'>;

export interface LogChunk {
  /** Grows by one with each chunk of a run, from 1. */
  readonly part: number;
  readonly text: string;
}

/** What keeps a second open run for the same thing from being added. */
export const openKey = ({
  kind,
  repository,
  milestone,
}: Pick<RunRequest, 'kind' | 'repository' | 'milestone'>): string =>
  [kind, repository, ...(milestone?.purge ? ['purge'] : []), ...(milestone?.lifts ? ['unfreeze'] : [])].join(':');

/** Runs are also the rows of due work: whoever wakes up finds here what was asked for and not yet done (trust 2.3). */
export interface RunStore {
  /**
   * Adds a run, or joins the open one for the same thing, or answers `undefined` when `dueKey` was used
   * before. An open run that was not due by itself takes the key over when it is joined, so that one sync serves both.
   */
  request(request: RunRequest): Promise<{ readonly run: Run; readonly joined: boolean } | undefined>;
  find(id: number): Promise<Run | undefined>;
  /** Newest first. */
  list(query: RunQuery): Promise<readonly Run[]>;
  /** The latest run that ended well, per repository. */
  lastSucceeded(repository: RepositoryName): Promise<Run | undefined>;
  /** queued or interrupted (or running, when its worker died) → running, attempt + 1. `undefined` when it had ended. */
  start(id: number, at: Date): Promise<Run | undefined>;
  /** Says what the attempt is busy with. False when it is not running any more: cancelled, or begun anew by another worker. */
  step(attempt: RunAttempt, step: string): Promise<boolean>;
  /** running → interrupted, to be taken up again; `inGoodOrder` when the worker was told to stop. False as for `step`. */
  interrupt(attempt: RunAttempt, options?: { readonly inGoodOrder: boolean }): Promise<boolean>;
  /**
   * Ends an open run. False when it had ended before: the first outcome stays. With an attempt, only while that one is
   * the running one: a worker that was overtaken decides nothing.
   */
  finish(run: RunAttempt | Pick<Run, 'id'>, outcome: RunOutcome): Promise<boolean>;
  /** Open runs that were asked for before `instant`, oldest first: for the reconciler. */
  openSince(instant: Date): Promise<readonly Run[]>;
  appendLog(id: number, text: string): Promise<void>;
  /** The log from part `from` on. */
  log(id: number, from: number): Promise<readonly LogChunk[]>;
  /**
   * Forgets ended runs, with their logs, that finished before `instant`. Of each repository the latest successful one
   * stays, and the latest one that was due: forgetting it would make it due again.
   */
  sweep(instant: Date): Promise<number>;
  /** Drops every run of a repository that was deleted. @throws AppError `LEASE_LOST`: others may have its name by now */
  forgetAll(repository: RepositoryName, fence: Fence): Promise<void>;
}

export const RUN_STORE = token<RunStore>('RunStore');
