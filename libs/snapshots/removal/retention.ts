import { DAY } from '#libs/kernel/duration.js';
import { type SnapshotId } from '#libs/kernel/ids.js';

import { type Snapshot, type SnapshotState } from '../snapshot.js';
import { ageOf, bySequence, completeOnes, freezeAt, pickByTime, type ServingPolicy } from '../stable-snapshot.js';

/** What must stay beside what the serving rule needs. */
export interface RetentionPolicy {
  /** What was served within the grace period, for which clients go on fetching what it lists. */
  readonly servedLately: ReadonlySet<SnapshotId>;
  /** Milliseconds for which a superseded snapshot can be brought back. */
  readonly supersededMs: number;
}

/**
 * `served`: what time serves now, whether a freeze hides it or not · `to-come`: its turn comes later; the last good one is
 * this or `served` · `served-lately`: an operator or time stopped it from being served only lately · `awaits-…`: an operator,
 * or a repair, may still make it complete · `nothing-complete`: as long as nothing can be served, nothing is thrown away.
 */
export type KeepReason =
  | 'frozen'
  | 'served'
  | 'to-come'
  | 'younger-than-delay'
  | 'served-lately'
  | 'superseded-lately'
  | 'awaits-decision'
  | 'awaits-repair'
  | 'nothing-complete';

/** `removing`: it was dropped before, and something of it may be left to be removed. */
export type DropReason = 'past-delay' | 'superseded-long-ago' | 'held-past-delay' | 'damaged-past-delay' | 'removing';

export type Decision =
  { readonly keep: true; readonly reason: KeepReason } | { readonly keep: false; readonly reason: DropReason };

export type Retained = Decision & { readonly snapshot: Snapshot };

/**
 * Which snapshots stay, in order of sequence (product.md §4, trust I-05).
 *
 * Removing what it drops changes neither what is served now nor what will be at any later instant, with the freeze or
 * without it, as long as delay and hold-back stay as they are. For by time alone what is served never goes back in
 * sequence, so that what is older than the present choice could only come back by an operator's hand.
 */
export function retention(
  snapshots: readonly Snapshot[],
  policy: ServingPolicy,
  keep: RetentionPolicy,
  now: Date,
): readonly Retained[] {
  const complete = completeOnes(snapshots);
  const situation: Situation = {
    complete,
    presentSequence: pickByTime(complete, policy, now)?.snapshot.sequence ?? 0,
    newestHeld: snapshots.filter(({ state }) => state === 'held').reduce((a, { sequence }) => Math.max(a, sequence), 0),
    delayMs: policy.delay * DAY,
    policy,
    keep,
    now,
  };
  return snapshots.toSorted(bySequence).map((snapshot) => ({ snapshot, ...decide(snapshot, situation) }));
}

interface Situation {
  /** In order of sequence. */
  readonly complete: readonly Snapshot[];
  readonly presentSequence: number;
  readonly newestHeld: number;
  readonly delayMs: number;
  readonly policy: ServingPolicy;
  readonly keep: RetentionPolicy;
  readonly now: Date;
}

const kept = (reason: KeepReason): Decision => ({ keep: true, reason });
const dropped = (reason: DropReason): Decision => ({ keep: false, reason });

function decide(snapshot: Snapshot, situation: Situation): Decision {
  if (snapshot.state === 'removing') return dropped('removing');
  if (snapshot.id === freezeAt(situation.policy, situation.now)?.snapshot) return kept('frozen');
  if (situation.complete.length === 0) return kept('nothing-complete');
  const decision = BY_STATE[snapshot.state](snapshot, situation);
  return !decision.keep && situation.keep.servedLately.has(snapshot.id) ? kept('served-lately') : decision;
}

const BY_STATE: Readonly<
  Record<Exclude<SnapshotState, 'removing'>, (snapshot: Snapshot, situation: Situation) => Decision>
> = {
  complete: (snapshot, situation) => {
    if (snapshot.sequence === situation.presentSequence) return kept('served');
    if (snapshot.sequence > situation.presentSequence) return kept('to-come');
    return ageOf(snapshot, situation.now) <= situation.delayMs ? kept('younger-than-delay') : dropped('past-delay');
  },
  damaged: (snapshot, { presentSequence, delayMs, now }) =>
    snapshot.sequence > presentSequence || ageOf(snapshot, now) <= delayMs
      ? kept('awaits-repair')
      : dropped('damaged-past-delay'),
  held: (snapshot, { complete, newestHeld, delayMs, now }) => {
    const isLatestWord = snapshot.sequence === newestHeld && newestHeld > (complete.at(-1)?.sequence ?? 0);
    return isLatestWord || ageOf(snapshot, now) <= delayMs ? kept('awaits-decision') : dropped('held-past-delay');
  },
  superseded: ({ stateSince }, { keep, now }) =>
    now.getTime() - stateSince.getTime() < keep.supersededMs
      ? kept('superseded-lately')
      : dropped('superseded-long-ago'),
};
