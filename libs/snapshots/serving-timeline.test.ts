import { DAY } from '#libs/kernel/duration.js';
import { type HoldBack } from '#libs/repositories/repository.js';

import { servingTimeline } from './serving-timeline.js';
import { type ServingActs } from './serving-history.js';
import { type Snapshot } from './snapshot.js';
import { type ServingPolicy } from './stable-snapshot.js';
import { aSnapshot, daysBeforeNoon, idOf, NOON } from './testing/arbitrary-snapshots.js';

const holding = (holdBack: HoldBack, delay = 7): ServingPolicy => ({ holdBack, delay, freeze: undefined });
const aged = (...ages: readonly number[]): readonly Snapshot[] => ages.map((age, index) => aSnapshot(index + 1, age));
const published = (ages: readonly number[]): ServingActs['snapshots'] =>
  ages.map((age, index) => ({ at: daysBeforeNoon(age), snapshot: idOf(index + 1), before: undefined })).toReversed();

/** Such as `1: 20-13`: the first snapshot was served from 20 to 13 days ago; days to come are below 0. */
const told = (ages: readonly number[], policy: ServingPolicy, acts: Partial<ServingActs> = {}) => {
  const all = { policy: [], snapshots: published(ages), ...acts };
  const snapshots = aged(...ages);
  const days = (at: Date) => String(Math.round(((NOON.getTime() - at.getTime()) / DAY) * 100) / 100 + 0);
  return servingTimeline(daysBeforeNoon(100), { snapshots, policy }, all, NOON).map(
    ({ snapshot, from, until }) =>
      `${String(snapshots.find(({ id }) => id === snapshot)?.sequence)}: ${days(from)} to ${until === undefined ? 'the end' : days(until)}`,
  );
};

describe('servingTimeline', () => {
  it('tells what was served, is and will be while only time decides', () => {
    expect(told([20, 6, 3], holding('window'))).toEqual(['1: 20 to 6', '2: 6 to -1', '3: -1 to the end']);
    expect(told([20, 6, 3], holding('minimum-age'))).toEqual(['1: 20 to -1', '2: -1 to -4', '3: -4 to the end']);
    expect(told([20, 6, 3], holding('window', 0))).toEqual(['1: 20 to 6', '2: 6 to 3', '3: 3 to the end']);
  });

  it('has one period for a snapshot that went on being served when something else changed', () => {
    const policy = [{ at: daysBeforeNoon(2), before: { delay: 9 } }];
    expect(told([3, 1], holding('window'), { policy })).toEqual(['1: 3 to -4', '2: -4 to the end']);
  });

  it('has two for one that an operator had put aside for a while', () => {
    const frozen = { snapshot: idOf(2), at: daysBeforeNoon(2), reason: undefined, until: undefined };
    const policy = [
      { at: daysBeforeNoon(1), before: { freeze: frozen } },
      { at: daysBeforeNoon(2), before: { freeze: undefined } },
    ];
    expect(told([6, 5], holding('window'), { policy })).toEqual([
      '1: 6 to 2',
      '2: 2 to 1',
      '1: 1 to -1',
      '2: -1 to the end',
    ]);
  });

  it('knows of nothing where there was nothing to serve', () => {
    expect(told([], holding('window'))).toEqual([]);
  });
});
