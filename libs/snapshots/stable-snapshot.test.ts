import fc from 'fast-check';

import { DAY } from '#libs/kernel/duration.js';
import { type Freeze, type HoldBack } from '#libs/repositories/repository.js';

import { type Snapshot, type SnapshotState } from './snapshot.js';
import { ageOf, stableSnapshot, type ServedReason, type ServingPolicy } from './stable-snapshot.js';
import {
  aSnapshot,
  daysBeforeNoon,
  idOf,
  instant,
  NOON,
  policy,
  snapshots,
  unfrozenPolicy,
} from './testing/arbitrary-snapshots.js';

const holding = (holdBack: HoldBack, delay: number, freeze?: Freeze): ServingPolicy => ({ holdBack, delay, freeze });
const frozenTo = (sequence: number, until?: Date): Freeze => ({
  snapshot: idOf(sequence),
  at: daysBeforeNoon(1),
  reason: undefined,
  until,
});
/** Snapshots 1, 2, 3… of these ages in days. */
const aged = (...ages: readonly number[]): readonly Snapshot[] => ages.map((age, index) => aSnapshot(index + 1, age));
const answer = (list: readonly Snapshot[], policy: ServingPolicy, now = NOON) => {
  const served = stableSnapshot(list, policy, now);
  return served && [served.snapshot.sequence, served.reason];
};
const withShuffled = (list: readonly Snapshot[]) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length }));
const millisecond = 1 / DAY;

describe('stableSnapshot', () => {
  it.each<[HoldBack, number, readonly number[], number, ServedReason]>([
    ['window', 7, [9, 8, 6, 3, 0], 3, 'window'],
    ['window', 7, [9, 7, 6], 2, 'window'],
    ['window', 7, [9, 7 + millisecond, 6], 3, 'window'],
    ['window', 7, [3], 1, 'window'],
    ['window', 7, [20, 10, 8], 3, 'last-good'],
    ['window', 0, [5, 3, 0], 3, 'newest'],
    ['window', 0, [5, 3], 2, 'newest'],
    ['minimum-age', 7, [9, 8, 6, 3, 0], 2, 'minimum-age'],
    ['minimum-age', 7, [9, 7, 6], 2, 'minimum-age'],
    ['minimum-age', 7, [9, 7 - millisecond, 6], 1, 'minimum-age'],
    ['minimum-age', 7, [6, 3, 0], 1, 'oldest'],
    ['minimum-age', 7, [20, 10], 2, 'minimum-age'],
    ['minimum-age', 0, [5, 3, 0], 3, 'newest'],
  ])('%s of %d days, ages %j: serves %d (%s)', (holdBack, delay, ages, sequence, reason) => {
    expect(answer(aged(...ages), holding(holdBack, delay))).toEqual([sequence, reason]);
  });

  it.each<[string, HoldBack, readonly number[], number]>([
    ['a clock that ran ahead when 2 was taken', 'window', [9, -30, 3], 2],
    ['a clock that ran ahead when 2 was taken', 'minimum-age', [9, -30, 3], 1],
    ['a clock that ran behind when 3 was taken', 'window', [6, 5, 400, 4], 1],
  ])('counts ages below 0 as 0 and orders by sequence alone (T-42): %s, %s', (_, holdBack, ages, sequence) => {
    expect(answer(aged(...ages), holding(holdBack, 7))?.[0]).toBe(sequence);
  });

  it.each([
    [3, 3 * DAY],
    [0, 0],
    [-30, 0],
  ])('counts no age below 0 (T-42): %d days', (days, age) => {
    expect(ageOf(aSnapshot(1, days), NOON)).toBe(age);
  });

  it('serves nothing when nothing is complete', () => {
    expect(stableSnapshot([], holding('window', 7), NOON)).toBeUndefined();
    expect(stableSnapshot([aSnapshot(1, 3, 'held')], holding('window', 7), NOON)).toBeUndefined();
  });

  describe('frozen', () => {
    it.each([1, 2, 3])('serves what it is frozen to whatever its age: %d', (sequence) => {
      expect(answer(aged(99, 6, 0), holding('window', 7, frozenTo(sequence)))).toEqual([sequence, 'frozen']);
    });

    it('ends exactly at its `until`', () => {
      const freeze = frozenTo(1, NOON);
      const just = new Date(NOON.getTime() - 1);
      expect(answer(aged(99, 6), holding('window', 7, freeze), just)).toEqual([1, 'frozen']);
      expect(answer(aged(99, 6), holding('window', 7, freeze))).toEqual([2, 'window']);
      expect(stableSnapshot(aged(99, 6), holding('window', 7, freeze), NOON)?.lostFreeze).toBeUndefined();
    });

    it.each<SnapshotState>(['held', 'superseded', 'damaged', 'removing'])(
      'lets time decide, and says so, when what it is frozen to is %s',
      (state) => {
        const served = stableSnapshot(
          [aSnapshot(1, 9, state), aSnapshot(2, 3)],
          holding('window', 7, frozenTo(1)),
          NOON,
        );
        expect(served).toMatchObject({ snapshot: { sequence: 2 }, reason: 'window', lostFreeze: idOf(1) });
      },
    );

    it('lets time decide, and says so, when what it is frozen to is gone', () => {
      const served = stableSnapshot(aged(9, 3), holding('window', 7, frozenTo(5)), NOON);
      expect(served).toMatchObject({ snapshot: { sequence: 2 }, reason: 'window', lostFreeze: idOf(5) });
    });
  });

  it.each<[string, ServingPolicy, readonly number[], readonly string[]]>([
    ['window', holding('window', 7), [9, 6, 3], ['too-old', 'later']],
    ['last-good', holding('window', 7), [20, 10, 8], ['too-old', 'too-old']],
    ['minimum-age', holding('minimum-age', 7), [9, 8, 3], ['older', 'too-young']],
    ['oldest', holding('minimum-age', 7), [3, 2, 1], ['too-young', 'too-young']],
    ['newest', holding('window', 0), [3, 2, 1], ['older', 'older']],
    ['frozen', holding('window', 7, frozenTo(2)), [9, 8, 3], ['frozen-to-another', 'frozen-to-another']],
  ])('says of the others why not them: %s', (_, policy, ages, reasons) => {
    const list = [...aged(...ages), aSnapshot(4, 2, 'held'), aSnapshot(5, 2, 'damaged')].reverse();
    const passedOver = stableSnapshot(list, policy, NOON)?.passedOver ?? [];
    expect(passedOver.map(({ why }) => why)).toEqual([...reasons, 'held', 'damaged']);
  });

  it.each<[string, HoldBack, readonly number[], readonly string[]]>([
    ['adopted under an earlier time than 1', 'window', [1, 1.7, 0], ['no-turn', 'later']],
    ['adopted so, the last of all: it is the last good one in the end', 'window', [1, 1.7], ['later']],
    ['of the same time as 1', 'window', [1, 1, 0], ['no-turn', 'later']],
    ['taken before 3, which is older', 'minimum-age', [9, 1, 1.7], ['no-turn', 'too-young']],
  ])('says that the turn of 2 never comes: %s', (_, holdBack, ages, reasons) => {
    const served = stableSnapshot(aged(...ages), holding(holdBack, 3), NOON);
    expect(served?.snapshot.sequence).toBe(1);
    expect(served?.passedOver.map(({ why }) => why)).toEqual(reasons);
  });

  it('is stale only while the last good one stands in', () => {
    expect(stableSnapshot(aged(20, 8), holding('window', 7), NOON)?.stale).toBe(true);
    expect(stableSnapshot(aged(20, 7), holding('window', 7), NOON)?.stale).toBe(false);
    expect(stableSnapshot(aged(20, 8), holding('minimum-age', 7), NOON)?.stale).toBe(false);
  });

  describe('always', () => {
    it('ignores the order of the list', () =>
      fc.assert(
        fc.property(snapshots.chain(withShuffled), policy, instant, ([list, shuffled], policy, now) => {
          expect(stableSnapshot(shuffled, policy, now)).toEqual(stableSnapshot(list, policy, now));
        }),
      ));

    it('depends on complete snapshots only, and serves one of them when there is one (I-04)', () =>
      fc.assert(
        fc.property(snapshots, policy, instant, (list, policy, now) => {
          const complete = list.filter(({ state }) => state === 'complete');
          const served = stableSnapshot(list, policy, now);
          expect(served?.snapshot).toEqual(stableSnapshot(complete, policy, now)?.snapshot);
          if (complete.length > 0) expect(complete).toContain(served?.snapshot);
          else expect(served).toBeUndefined();
        }),
      ));

    it('serves nothing outside the window but the last good one, and nothing younger than the minimum age but the oldest', () =>
      fc.assert(
        fc.property(snapshots, unfrozenPolicy, instant, (list, policy, now) => {
          const served = stableSnapshot(list, policy, now);
          if (!served || policy.delay === 0) return;
          const old = now.getTime() - served.snapshot.takenAt.getTime();
          if (served.reason === 'window') expect(old).toBeLessThanOrEqual(policy.delay * DAY);
          if (served.reason === 'minimum-age') expect(old).toBeGreaterThanOrEqual(policy.delay * DAY);
          const complete = list.filter(({ state }) => state === 'complete');
          if (served.reason === 'last-good') expect(served.snapshot).toBe(complete.at(-1));
          if (served.reason === 'oldest') expect(served.snapshot).toBe(complete[0]);
        }),
      ));

    it('never goes back in sequence as time passes and newer snapshots appear', () =>
      fc.assert(
        fc.property(snapshots, fc.nat(9), unfrozenPolicy, instant, instant, (list, known, policy, a, b) => {
          const [earlier, later] = a < b ? [a, b] : [b, a];
          const before = stableSnapshot(list.slice(0, known), policy, earlier)?.snapshot.sequence ?? 0;
          const after = stableSnapshot(list, policy, later)?.snapshot.sequence ?? 0;
          expect(after).toBeGreaterThanOrEqual(before);
        }),
      ));

    it('is constant while frozen to a complete snapshot (I-11)', () =>
      fc.assert(
        fc.property(snapshots, unfrozenPolicy, fc.nat(8), instant, (list, policy, index, now) => {
          const target = list[index];
          if (target?.state !== 'complete') return;
          const served = stableSnapshot(list, { ...policy, freeze: frozenTo(target.sequence) }, now);
          expect([served?.snapshot, served?.reason]).toEqual([target, 'frozen']);
        }),
      ));

    it('serves the newest when the delay is 0', () =>
      fc.assert(
        fc.property(snapshots, unfrozenPolicy, instant, (list, policy, now) => {
          const newest = list.findLast(({ state }) => state === 'complete');
          expect(stableSnapshot(list, { ...policy, delay: 0 }, now)?.snapshot).toBe(newest);
        }),
      ));
  });
});
