import fc from 'fast-check';

import { DAY, HOUR } from '#libs/kernel/duration.js';

import { nextChange, releaseCalendar } from './release-calendar.js';
import { type Snapshot } from './snapshot.js';
import { stableSnapshot, type ServingPolicy } from './stable-snapshot.js';
import { aSnapshot, idOf, instant, NOON, policy, snapshots, unfrozenPolicy } from './testing/arbitrary-snapshots.js';

const answer = (list: readonly Snapshot[], policy: ServingPolicy, now: Date) => {
  const served = stableSnapshot(list, policy, now);
  return served && `${served.snapshot.id} ${served.reason} ${String(served.lostFreeze)}`;
};
const hence = (milliseconds: number) => new Date(NOON.getTime() + milliseconds);

describe('nextChange', () => {
  const list = [aSnapshot(1, 6), aSnapshot(2, 5)];

  it.each<[string, ServingPolicy, Date | undefined]>([
    ['the oldest leaves the window', { holdBack: 'window', delay: 7, freeze: undefined }, hence(DAY + 1)],
    ['the oldest becomes old enough', { holdBack: 'minimum-age', delay: 7, freeze: undefined }, hence(DAY)],
    ['never, without a delay', { holdBack: 'window', delay: 0, freeze: undefined }, undefined],
    [
      'never, while frozen for good',
      { holdBack: 'window', delay: 7, freeze: { snapshot: idOf(1), at: NOON, reason: undefined, until: undefined } },
      undefined,
    ],
    [
      'the freeze ends',
      { holdBack: 'window', delay: 7, freeze: { snapshot: idOf(2), at: NOON, reason: undefined, until: hence(HOUR) } },
      hence(HOUR),
    ],
  ])('%s', (_, policy, expected) => {
    expect(nextChange(list, policy, NOON)).toEqual(expected);
  });

  it('is the first instant at which sampling finds another answer', () =>
    fc.assert(
      fc.property(snapshots, policy, instant, (list, policy, now) => {
        const present = answer(list, policy, now);
        const next = nextChange(list, policy, now);
        // All instants in play lie on quarter hours or a millisecond beside them.
        for (let at = now.getTime() + 1; at < (next ?? hence(60 * DAY)).getTime(); at += 6 * HOUR) {
          for (const beside of [0, 1]) {
            const sample = new Date(Math.min(at + beside, (next?.getTime() ?? Infinity) - 1));
            expect(answer(list, policy, sample)).toBe(present);
          }
        }
        if (next) {
          expect(next.getTime()).toBeGreaterThan(now.getTime());
          expect(answer(list, policy, next)).not.toBe(present);
          expect(answer(list, policy, new Date(next.getTime() - 1))).toBe(present);
        }
      }),
    ));
});

describe('releaseCalendar', () => {
  it('lists when each snapshot will be released, and when nothing new is left', () => {
    const list = [aSnapshot(1, 6), aSnapshot(2, 5), aSnapshot(3, 1, 'held'), aSnapshot(4, 0)];
    const policy: ServingPolicy = { holdBack: 'window', delay: 7, freeze: undefined };
    const calendar = releaseCalendar(list, policy, NOON, hence(30 * DAY));
    expect(calendar.map(({ at, served }) => [at, served.snapshot.sequence, served.reason])).toEqual([
      [hence(DAY + 1), 2, 'window'],
      [hence(2 * DAY + 1), 4, 'window'],
      [hence(7 * DAY + 1), 4, 'last-good'],
    ]);
  });

  it('ends with `until`, which still belongs to it', () => {
    const list = [aSnapshot(1, 6), aSnapshot(2, 5), aSnapshot(3, 4)];
    const policy: ServingPolicy = { holdBack: 'minimum-age', delay: 7, freeze: undefined };
    expect(releaseCalendar(list, policy, NOON, hence(2 * DAY))).toHaveLength(2);
    expect(releaseCalendar(list, policy, NOON, hence(3 * DAY))).toHaveLength(3);
  });

  it('has each snapshot whose turn is said to come, and none whose turn is said never to come', () =>
    fc.assert(
      fc.property(snapshots, unfrozenPolicy, instant, (list, policy, now) => {
        const calendar = releaseCalendar(list, policy, now, hence(100 * DAY)).map(({ served }) => served.snapshot.id);
        for (const { snapshot, why } of stableSnapshot(list, policy, now)?.passedOver ?? []) {
          if (why === 'later' || why === 'too-young') expect(calendar).toContain(snapshot);
          if (why === 'no-turn' || why === 'older') expect(calendar).not.toContain(snapshot);
        }
      }),
    ));

  it('is what following nextChange finds', () =>
    fc.assert(
      fc.property(snapshots, policy, instant, (list, policy, from) => {
        const until = hence(60 * DAY);
        const followed: Date[] = [];
        for (let at = nextChange(list, policy, from); at && at <= until; at = nextChange(list, policy, at)) {
          followed.push(at);
        }
        expect(releaseCalendar(list, policy, from, until).map(({ at }) => at)).toEqual(followed);
      }),
    ));
});
