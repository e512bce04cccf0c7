import { DAY } from '#libs/kernel/duration.js';

import { type Snapshot } from './snapshot.js';
import { completeOnes, freezeAt, stableSnapshot, type Served, type ServingPolicy } from './stable-snapshot.js';

export interface Release {
  readonly at: Date;
  /** What is served from then on. */
  readonly served: Served;
}

/**
 * The next instant at which `stableSnapshot` gives another snapshot, reason or warning if nothing else happens, or
 * `undefined` when it never does. Until then its answer may be kept.
 */
export function nextChange(snapshots: readonly Snapshot[], policy: ServingPolicy, now: Date): Date | undefined {
  const present = stableSnapshot(snapshots, policy, now);
  return turningPoints(snapshots, policy, now).find(
    (instant) => !same(present, stableSnapshot(snapshots, policy, instant)),
  );
}

/** Every change after `from`, up to and including `until`, if nothing else happens: when the next releases will be. */
export function releaseCalendar(
  snapshots: readonly Snapshot[],
  policy: ServingPolicy,
  from: Date,
  until: Date,
): readonly Release[] {
  const releases: Release[] = [];
  let present = stableSnapshot(snapshots, policy, from);
  for (const at of turningPoints(snapshots, policy, from)) {
    if (at > until) break;
    const served = stableSnapshot(snapshots, policy, at);
    if (served !== undefined && !same(present, served)) releases.push({ at, served });
    present = served;
  }
  return releases;
}

/** The only instants after `now` at which the answer can change, in order. */
function turningPoints(snapshots: readonly Snapshot[], policy: ServingPolicy, now: Date): readonly Date[] {
  // A snapshot of exactly the delay's age is still in the window, and already has the minimum age.
  const afterBirth = policy.delay * DAY + (policy.holdBack === 'window' ? 1 : 0);
  const births = policy.delay === 0 ? [] : completeOnes(snapshots).map(({ takenAt }) => takenAt.getTime() + afterBirth);
  const thaw = freezeAt(policy, now)?.until?.getTime();
  return [...births, ...(thaw === undefined ? [] : [thaw])]
    .filter((instant) => instant > now.getTime())
    .toSorted((a, b) => a - b)
    .map((instant) => new Date(instant));
}

const same = (a: Served | undefined, b: Served | undefined): boolean =>
  a?.snapshot.id === b?.snapshot.id && a?.reason === b?.reason && a?.lostFreeze === b?.lostFreeze;
