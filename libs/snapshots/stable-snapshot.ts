import { DAY } from '#libs/kernel/duration.js';
import { type SnapshotId } from '#libs/kernel/ids.js';
import { isFrozen, type Freeze, type HoldBack } from '#libs/repositories/repository.js';

import { type Snapshot, type SnapshotState } from './snapshot.js';

/** What decides, besides the snapshots and the time. Every repository has these. */
export interface ServingPolicy {
  /** Days that new files are kept from clients. */
  readonly delay: number;
  readonly holdBack: HoldBack;
  readonly freeze: Freeze | undefined;
}

/**
 * `frozen`: an operator chose it · `newest`: the delay is 0 · `window`: the oldest that is at most the delay old ·
 * `minimum-age`: the newest that is at least the delay old · `oldest`: none is that old yet · `last-good`: all have left
 * the window, so that the newest goes on being served.
 */
export type ServedReason = 'frozen' | 'newest' | 'window' | 'minimum-age' | 'oldest' | 'last-good';

/**
 * Why another snapshot is not served: its state · `frozen-to-another` · `older`: a newer one is served ·
 * `too-old`: it left the window · `too-young`: it has not reached the delay · `later`: its turn comes after the one served ·
 * `no-turn`: while time decides its turn never comes, since its time does not follow from its place in the order, as that
 * of a directory that was adopted under an earlier time.
 */
export type PassedOverReason =
  Exclude<SnapshotState, 'complete'> | 'frozen-to-another' | 'older' | 'too-old' | 'too-young' | 'later' | 'no-turn';

export interface PassedOver {
  readonly snapshot: SnapshotId;
  readonly why: PassedOverReason;
}

export interface Served {
  readonly snapshot: Snapshot;
  readonly reason: ServedReason;
  /** Every other snapshot in order of sequence. */
  readonly passedOver: readonly PassedOver[];
  /** Nothing new came within the delay: syncs fail, or nobody syncs. */
  readonly stale: boolean;
  /** What the repository is frozen to, when that cannot be served any more and time decides in spite of the freeze. */
  readonly lostFreeze: SnapshotId | undefined;
}

export interface Choice {
  readonly snapshot: Snapshot;
  readonly reason: ServedReason;
}

/**
 * Which snapshot clients get, and why: the serving rule (product.md §4, trust I-10).
 *
 * Only complete snapshots count, and only their sequence orders them; the time at which one was taken says nothing but
 * its age, and one that was taken in the future, by a clock that was set back since, is 0 old (trust T-42). Hence a wrong
 * clock ahead can hold a snapshot back for too long, not too short.
 *
 * While nobody deletes, accepts, restores or freezes anything, what is served never goes back in sequence, neither by time
 * nor by newer snapshots. It does go back when the one served is deleted or damaged and only older ones qualify, when one
 * that was held, superseded or damaged becomes complete again within the window, and when a freeze begins or ends.
 */
export function stableSnapshot(snapshots: readonly Snapshot[], policy: ServingPolicy, now: Date): Served | undefined {
  const complete = completeOnes(snapshots);
  const freeze = freezeAt(policy, now);
  const frozen = complete.find(({ id }) => id === freeze?.snapshot);
  const pick = frozen ? { snapshot: frozen, reason: 'frozen' as const } : pickByTime(complete, policy, now);
  if (pick === undefined) return undefined;
  const turnless = withoutTurn(complete, policy);
  return {
    ...pick,
    passedOver: snapshots
      .filter(({ id }) => id !== pick.snapshot.id)
      .toSorted(bySequence)
      .map((other) => ({ snapshot: other.id, why: whyNot(other, pick, policy, { now, turnless }) })),
    stale: pick.reason === 'last-good',
    lostFreeze: frozen ? undefined : freeze?.snapshot,
  };
}

/**
 * What time alone decides, freeze or not.
 *
 * @param complete complete snapshots in order of sequence
 */
export function pickByTime(complete: readonly Snapshot[], policy: ServingPolicy, now: Date): Choice | undefined {
  const oldest = complete[0];
  const newest = complete.at(-1);
  if (oldest === undefined || newest === undefined) return undefined;
  const delay = policy.delay * DAY;
  if (delay === 0) return { snapshot: newest, reason: 'newest' };
  if (policy.holdBack === 'window') {
    const inWindow = complete.find((snapshot) => ageOf(snapshot, now) <= delay);
    return inWindow ? { snapshot: inWindow, reason: 'window' } : { snapshot: newest, reason: 'last-good' };
  }
  const grown = complete.findLast((snapshot) => ageOf(snapshot, now) >= delay);
  return grown ? { snapshot: grown, reason: 'minimum-age' } : { snapshot: oldest, reason: 'oldest' };
}

export const completeOnes = (snapshots: readonly Snapshot[]): readonly Snapshot[] =>
  snapshots.filter(({ state }) => state === 'complete').toSorted(bySequence);

/** The freeze that counts at that instant: one whose `until` has come does not. */
export const freezeAt = (policy: ServingPolicy, now: Date): Freeze | undefined =>
  isFrozen(policy, now) ? policy.freeze : undefined;

/** Milliseconds since it was taken, never negative. */
export const ageOf = ({ takenAt }: Snapshot, now: Date): number => Math.max(0, now.getTime() - takenAt.getTime());

export const bySequence = (a: Snapshot, b: Snapshot): number => a.sequence - b.sequence;

function whyNot(
  other: Snapshot,
  served: Choice,
  policy: ServingPolicy,
  { now, turnless }: { readonly now: Date; readonly turnless: ReadonlySet<SnapshotId> },
): PassedOverReason {
  if (other.state !== 'complete') return other.state;
  const inTurn = <R extends PassedOverReason>(why: R): R | 'no-turn' => (turnless.has(other.id) ? 'no-turn' : why);
  switch (served.reason) {
    case 'frozen':
      return 'frozen-to-another';
    case 'newest':
      return 'older';
    case 'window':
      return ageOf(other, now) > policy.delay * DAY ? 'too-old' : inTurn('later');
    case 'last-good':
      return 'too-old';
    case 'minimum-age':
      return other.sequence < served.snapshot.sequence ? 'older' : inTurn('too-young');
    case 'oldest':
      return inTurn('too-young');
  }
}

/**
 * Those that time alone never brings into service: one before them stays in the window for as long, or one after them
 * reaches the delay as soon. The last in the order has its turn in the end, as the last good one.
 */
function withoutTurn(complete: readonly Snapshot[], { holdBack }: ServingPolicy): ReadonlySet<SnapshotId> {
  const inWindow = holdBack === 'window';
  const turnless = new Set<SnapshotId>();
  let bound = inWindow ? -Infinity : Infinity;
  for (const { id, takenAt } of inWindow ? complete.slice(0, -1) : complete.toReversed()) {
    const at = takenAt.getTime();
    if (inWindow ? at <= bound : at >= bound) turnless.add(id);
    else bound = at;
  }
  return turnless;
}
