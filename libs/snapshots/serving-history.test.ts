import { DAY, HOUR } from '#libs/kernel/duration.js';
import { type Freeze, type HoldBack } from '#libs/repositories/repository.js';

import { servedSince, servingHistory, type ServingActs } from './serving-history.js';
import { type Snapshot } from './snapshot.js';
import { type StateChange } from './snapshot-store.js';
import { type ServingPolicy } from './stable-snapshot.js';
import { aSnapshot, daysBeforeNoon, idOf, NOON } from './testing/arbitrary-snapshots.js';

const holding = (holdBack: HoldBack, delay = 7, freeze?: Freeze): ServingPolicy => ({ holdBack, delay, freeze });
const frozenTo = (sequence: number, until?: Date): Freeze => ({
  snapshot: idOf(sequence),
  at: daysBeforeNoon(30),
  reason: undefined,
  until,
});
const hoursAgo = (hours: number): Date => new Date(NOON.getTime() - hours * HOUR);
const aged = (...ages: readonly number[]): readonly Snapshot[] => ages.map((age, index) => aSnapshot(index + 1, age));
const changed = (hours: number, sequence: number, before: StateChange['before']): StateChange => ({
  at: hoursAgo(hours),
  snapshot: idOf(sequence),
  before,
});

/** The sequences of all that was served within the last day. */
const served = (snapshots: readonly Snapshot[], policy: ServingPolicy, acts: Partial<ServingActs> = {}) => {
  const all = { policy: [], snapshots: [], ...acts };
  const ids = servedSince(new Date(NOON.getTime() - DAY), { snapshots, policy }, all, NOON);
  return snapshots.filter(({ id }) => ids.has(id)).map(({ sequence }) => sequence);
};

describe('servedSince (I-05, I-08)', () => {
  it.each<[string, ServingPolicy, readonly number[], readonly number[]]>([
    ['is served all the time', holding('window'), [6, 5], [1]],
    ['left the window an hour ago', holding('window'), [7 + 1 / 24, 6], [1, 2]],
    ['left the window just a day ago', holding('window'), [8, 6], [1, 2]],
    ['left the window two days ago', holding('window'), [9, 6], [2]],
    ['one after the other left the window', holding('window'), [8, 7.5, 7.2, 1], [1, 2, 3, 4]],
    ['its successor became old enough an hour ago', holding('minimum-age'), [30, 7 + 1 / 24], [1, 2]],
    ['its successor became old enough two days ago', holding('minimum-age'), [30, 9], [2]],
    ['its freeze ended by itself an hour ago', holding('window', 7, frozenTo(1, hoursAgo(1))), [30, 20, 6], [1, 3]],
    ['its freeze ended two days ago', holding('window', 7, frozenTo(1, hoursAgo(48))), [30, 20, 6], [3]],
  ])('knows what time stopped: %s', (_, policy, ages, expected) => {
    expect(served(aged(...ages), policy)).toEqual(expected);
  });

  it.each<[string, ServingPolicy, ServingActs['policy'][number]['before'], readonly number[]]>([
    ['a freeze', holding('window', 7, frozenTo(3)), { freeze: undefined }, [2, 3]],
    [
      'a freeze after one that had ended',
      holding('window', 7, frozenTo(3)),
      { freeze: frozenTo(1, hoursAgo(9)) },
      [1, 2, 3],
    ],
    ['the end of a freeze', holding('window'), { freeze: frozenTo(1) }, [1, 2]],
    ['another delay', holding('window', 0), { delay: 7 }, [2, 4]],
    ['another way to hold back', holding('minimum-age'), { holdBack: 'window' }, [1, 2]],
  ])('knows what an operator stopped: by %s', (_, policy, before, expected) => {
    const list = aged(20, 6, 5, 4);
    expect(served(list, policy, { policy: [{ at: hoursAgo(1), before }] })).toEqual(expected);
  });

  it('knows what its successor replaced when that was published', () => {
    const list = aged(30, 1 / 24);
    expect(served(list, holding('window'), { snapshots: [changed(1, 2, undefined)] })).toEqual([1, 2]);
    expect(served(list, holding('window', 0), { snapshots: [changed(1, 2, undefined)] })).toEqual([1, 2]);
    expect(served(list, holding('window'))).toEqual([2]);
  });

  it('knows what was damaged, superseded or repaired since', () => {
    const list = [aSnapshot(1, 6, 'damaged'), aSnapshot(2, 5, 'superseded'), aSnapshot(3, 4), aSnapshot(4, 3)];
    const acts = [
      changed(1, 3, 'damaged'),
      changed(2, 3, 'complete'),
      changed(4, 2, 'complete'),
      changed(8, 1, 'complete'),
    ];
    expect(served(list, holding('window'), { snapshots: acts })).toEqual([1, 2, 3, 4]);
    expect(served(list, holding('window'), { snapshots: acts.slice(0, 1) })).toEqual([3, 4]);
  });

  it('puts acts of both kinds back in their order', () => {
    const list = [aSnapshot(1, 6, 'damaged'), aSnapshot(2, 5), aSnapshot(3, 4)];
    const policy = [{ at: hoursAgo(3), before: { freeze: frozenTo(3) } }];
    expect(served(list, holding('window'), { policy, snapshots: [changed(9, 1, 'complete')] })).toEqual([2, 3]);
  });
});

it('tells the history of a milestone and of its rollback in order, the latest first', () => {
  const list = [aSnapshot(1, 6), aSnapshot(2, 3, 'superseded'), aSnapshot(3, 2 / 24)];
  const acts: ServingActs = {
    policy: [{ at: hoursAgo(1), before: { freeze: undefined } }],
    snapshots: [
      changed(1, 1, 'superseded'),
      changed(2, 2, 'complete'),
      changed(2, 1, 'complete'),
      changed(2, 3, undefined),
    ],
  };
  const present = { snapshots: list, policy: holding('window', 7, frozenTo(1)) };
  const history = servingHistory(hoursAgo(3), present, acts, NOON);
  expect(history).toEqual([1, 3, 1].map(idOf));
});
