import { type Actor } from '#libs/kernel/actor.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Freeze } from '#libs/repositories/repository.js';

/** `sync`: bring the source up to date, take a snapshot · `milestone`: the same, and then serve that snapshot at once. */
export type RunKind = 'sync' | 'milestone';

/** What a milestone release may do besides. */
export interface MilestoneOptions {
  /** Remove what it supersedes at once. */
  readonly purge: boolean;
  /** The freeze that it may end: the one that its requester saw, and none that came later (trust T-17). */
  readonly lifts: Pick<Freeze, 'snapshot' | 'at'> | undefined;
}

/** `interrupted`: its worker stopped or died; the work is taken up again as a new attempt of the same run, or given up. */
export type RunState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';

export const OPEN_STATES: readonly RunState[] = ['queued', 'running', 'interrupted'];

export const ENDED_STATES: readonly RunState[] = ['succeeded', 'failed', 'cancelled'];

/** The attempts that count towards giving the run up: an upgrade says nothing about what it interrupts. */
export const countedAttempts = ({ attempt, stops }: Pick<Run, 'attempt' | 'stops'>): number => attempt - stops;

export const isOpen = ({ state }: Pick<Run, 'state'>): boolean => OPEN_STATES.includes(state);

/** One execution of a sync or a milestone release, with outcome, counts and log. */
export interface Run {
  readonly id: number;
  readonly kind: RunKind;
  /** Of a milestone release. */
  readonly milestone: MilestoneOptions | undefined;
  readonly repository: RepositoryName;
  readonly state: RunState;
  readonly requestedBy: Actor;
  readonly requestedAt: Date;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  /** How often a worker has begun it. */
  readonly attempt: number;
  /** How many of these attempts were interrupted in good order, because their worker was told to stop. */
  readonly stops: number;
  /** What it is busy with, for whoever watches: `syncing`, `taking snapshot`, `purging`, `pruning`. */
  readonly step: string | undefined;
  readonly snapshot: SnapshotId | undefined;
  readonly changes: { readonly added: number; readonly changed: number; readonly removed: number } | undefined;
  readonly errorCode: string | undefined;
  readonly error: string | undefined;
}
