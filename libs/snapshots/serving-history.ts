import { DAY } from '#libs/kernel/duration.js';
import { type SnapshotId } from '#libs/kernel/ids.js';
import { type PolicyChange } from '#libs/repositories/repository-store.js';

import { releaseCalendar } from './release-calendar.js';
import { type Snapshot } from './snapshot.js';
import { type StateChange } from './snapshot-store.js';
import { stableSnapshot, type ServingPolicy } from './stable-snapshot.js';

/** For so long clients go on fetching what a snapshot lists after it stopped being served (trust, G). */
export const GRACE_MS = DAY;

/** All that decides what is served, but the time. */
export interface ServingState {
  readonly snapshots: readonly Snapshot[];
  readonly policy: ServingPolicy;
}

/** What the stores recorded, each list with the latest first. */
export interface ServingActs {
  readonly policy: readonly PolicyChange[];
  readonly snapshots: readonly StateChange[];
}

/** Every snapshot that was served at some instant from `since` to `now`, by an operator's hand or by time (trust I-05). */
export const servedSince = (...history: Parameters<typeof servingHistory>): ReadonlySet<SnapshotId> =>
  new Set(servingHistory(...history));

/** What was served from `since` to `now`, the latest first; one that was served twice comes twice. */
export const servingHistory = (...history: Parameters<typeof servingPeriods>): readonly SnapshotId[] =>
  servingPeriods(...history)
    .map(({ snapshot }) => snapshot)
    .filter((id, index, all) => id !== all[index - 1]);

export interface ServingPeriod {
  readonly snapshot: SnapshotId;
  readonly from: Date;
  /** Not included, unless it is `from`. */
  readonly until: Date;
}

/**
 * When what was served from `since` to `now`, the latest first.
 *
 * Goes back from the present: between two acts only time has decided, which the calendar tells; at an act, what it changed
 * is put back. Snapshots that are gone by now leave no gap, since whatever else was served was so beside them, too.
 *
 * @param acts all since then
 */
export function servingPeriods(
  since: Date,
  present: ServingState,
  acts: ServingActs,
  now: Date,
): readonly ServingPeriod[] {
  const periods: ServingPeriod[] = [];
  let state = present;
  let until = now;
  for (const act of latestFirst(acts.policy, acts.snapshots)) {
    const from = act.at < until ? act.at : until;
    // Between acts of one instant nothing was served: they became true together.
    if (from < until || state === present) periods.push(...periodsBetween(state, from, until).toReversed());
    state = undo(state, act);
    until = from;
  }
  return [...periods, ...periodsBetween(state, since, until).toReversed()];
}

/** What time alone makes of a state, in order. */
export function periodsBetween({ snapshots, policy }: ServingState, from: Date, until: Date): readonly ServingPeriod[] {
  const first = stableSnapshot(snapshots, policy, from);
  const later = releaseCalendar(snapshots, policy, from, until);
  const releases = [...(first ? [{ at: from, served: first }] : []), ...later];
  return releases.map(({ at, served }, index) => ({
    snapshot: served.snapshot.id,
    from: at,
    until: releases[index + 1]?.at ?? until,
  }));
}

/** The order within each list stays also where clocks disagreed: what was done twice to a snapshot is undone in its order. */
function* latestFirst<A extends { at: Date }, B extends { at: Date }>(
  one: readonly A[],
  other: readonly B[],
): Iterable<A | B> {
  let next = 0;
  for (const act of one) {
    for (let later = other[next]; later !== undefined && later.at > act.at; later = other[next]) {
      yield later;
      next += 1;
    }
    yield act;
  }
  yield* other.slice(next);
}

function undo({ snapshots, policy }: ServingState, act: PolicyChange | StateChange): ServingState {
  if (!('snapshot' in act)) return { snapshots, policy: { ...policy, ...act.before } };
  const { snapshot: id, before } = act;
  if (before === undefined) return { snapshots: snapshots.filter((each) => each.id !== id), policy };
  return { snapshots: snapshots.map((each) => (each.id === id ? { ...each, state: before } : each)), policy };
}
