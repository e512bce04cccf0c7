import fc from 'fast-check';

import { DAY } from '#libs/kernel/duration.js';
import { type Freeze, type HoldBack } from '#libs/repositories/repository.js';

import { retention, type RetentionPolicy } from './retention.js';
import { type Snapshot } from '../snapshot.js';
import { freezeAt, stableSnapshot, type ServingPolicy } from '../stable-snapshot.js';
import { aSnapshot, daysBeforeNoon, idOf, instant, NOON, policy, snapshots } from '../testing/arbitrary-snapshots.js';

const KEEP: RetentionPolicy = { servedLately: new Set(), supersededMs: 7 * DAY };
const someIds = fc.subarray([1, 2, 3, 4, 5, 6, 7, 8, 9]).map((sequences) => new Set(sequences.map(idOf)));
const holding = (holdBack: HoldBack, delay = 7, freeze?: Freeze): ServingPolicy => ({ holdBack, delay, freeze });
const frozenTo = (sequence: number, until?: Date): Freeze => ({
  snapshot: idOf(sequence),
  at: daysBeforeNoon(9),
  reason: undefined,
  until,
});
const aged = (...ages: readonly number[]): readonly Snapshot[] => ages.map((age, index) => aSnapshot(index + 1, age));
const reasons = (list: readonly Snapshot[], policy: ServingPolicy, keep: Partial<RetentionPolicy> = {}) =>
  retention(list, policy, { ...KEEP, ...keep }, NOON).map(({ reason }) => reason);

describe('retention', () => {
  it.each<[string, readonly Snapshot[], ServingPolicy, readonly string[]]>([
    ['window', aged(9, 8, 6, 3), holding('window'), ['past-delay', 'past-delay', 'served', 'to-come']],
    ['window, stale', aged(20, 10), holding('window'), ['past-delay', 'served']],
    ['minimum-age', aged(9, 8, 6, 3), holding('minimum-age'), ['past-delay', 'served', 'to-come', 'to-come']],
    ['minimum-age, all young', aged(3, 2), holding('minimum-age'), ['served', 'to-come']],
    ['no delay', aged(3, 2, 1), holding('window', 0), ['past-delay', 'past-delay', 'served']],
    ['frozen', aged(9, 8, 6, 3), holding('window', 7, frozenTo(1)), ['frozen', 'past-delay', 'served', 'to-come']],
    ['a clock that jumped', aged(9, 3, 8), holding('minimum-age'), ['past-delay', 'younger-than-delay', 'served']],
  ])('keeps what is or will be served: %s', (_, list, policy, expected) => {
    expect(reasons(list, policy)).toEqual(expected);
  });

  it('keeps whatever was served lately, in whatever state it is by now (I-05)', () => {
    const list = [aSnapshot(1, 30), aSnapshot(2, 20, 'damaged'), aSnapshot(3, 90, 'superseded'), aSnapshot(4, 6)];
    const keep = { servedLately: new Set(list.map(({ id }) => id)) };
    expect(reasons(list, holding('window'), keep)).toEqual([...Array<string>(3).fill('served-lately'), 'served']);
    expect(reasons(list, holding('window'))).not.toContain('served-lately');
  });

  it('keeps what it is frozen to until the freeze ends', () => {
    const frozenUntil = (ms: number) => holding('window', 7, frozenTo(1, new Date(NOON.getTime() + ms)));
    expect(reasons(aged(30, 20, 6), frozenUntil(1))[0]).toBe('frozen');
    expect(reasons(aged(30, 20, 6), frozenUntil(0))[0]).toBe('past-delay');
  });

  it('keeps a superseded one as long as it can be brought back, counted from when it was superseded', () => {
    const superseded = { ...aSnapshot(1, 90, 'superseded'), stateSince: daysBeforeNoon(6.9) };
    const longAgo = { ...aSnapshot(2, 90, 'superseded'), stateSince: daysBeforeNoon(7) };
    expect(reasons([superseded, longAgo, aSnapshot(3, 1)], holding('window'))).toEqual([
      'superseded-lately',
      'superseded-long-ago',
      'served',
    ]);
  });

  it('keeps a held one within the delay, and the newest of them until a later sync is good', () => {
    const held = (sequence: number, age: number) => aSnapshot(sequence, age, 'held');
    const list = [aSnapshot(1, 20), held(2, 10), held(3, 9), held(4, 5)];
    expect(reasons(list.slice(0, 3), holding('window'))).toEqual(['served', 'held-past-delay', 'awaits-decision']);
    expect(reasons([...list, aSnapshot(5, 1)], holding('window')).slice(1)).toEqual([
      'held-past-delay',
      'held-past-delay',
      'awaits-decision',
      'served',
    ]);
  });

  it('drops a held one past the delay once a later sync was good', () => {
    const list = [aSnapshot(1, 20), aSnapshot(2, 9, 'held')];
    expect(reasons(list, holding('window'))).toEqual(['served', 'awaits-decision']);
    expect(reasons([...list, aSnapshot(3, 8)], holding('window'))).toEqual(['past-delay', 'held-past-delay', 'served']);
  });

  it('keeps a damaged one while it could be served once repaired', () => {
    const list = [aSnapshot(1, 9, 'damaged'), aSnapshot(2, 7, 'damaged'), aSnapshot(3, 6), aSnapshot(4, 5, 'damaged')];
    expect(reasons(list, holding('window'))).toEqual([
      'damaged-past-delay',
      'awaits-repair',
      'served',
      'awaits-repair',
    ]);
  });

  it('drops nothing while nothing can be served, and finishes removals that were begun (T-13)', () => {
    const list = [aSnapshot(1, 90, 'superseded'), aSnapshot(2, 80, 'damaged'), aSnapshot(3, 70, 'removing')];
    expect(reasons(list, holding('window'))).toEqual(['nothing-complete', 'nothing-complete', 'removing']);
  });

  it('never changes what is served, now or later, frozen or not (I-04, I-10)', () =>
    fc.assert(
      fc.property(snapshots, policy, instant, fc.nat(60), someIds, (list, policy, now, halfDays, servedLately) => {
        const left = retention(list, policy, { ...KEEP, servedLately }, now).flatMap(({ keep, snapshot }) =>
          keep ? [snapshot] : [],
        );
        for (const later of [now, new Date(now.getTime() + 1), new Date(now.getTime() + (halfDays * DAY) / 2)]) {
          for (const each of [policy, { ...policy, freeze: undefined }]) {
            const before = stableSnapshot(list, each, later);
            const after = stableSnapshot(left, each, later);
            expect([after?.snapshot, after?.reason]).toEqual([before?.snapshot, before?.reason]);
          }
        }
      }),
    ));

  it('drops nothing that was served lately, is frozen, or is the last good one (I-05)', () =>
    fc.assert(
      fc.property(snapshots, policy, instant, someIds, (list, policy, now, servedLately) => {
        const dropped = (keep: Partial<RetentionPolicy>) =>
          retention(list, policy, { ...KEEP, ...keep }, now)
            .filter(({ keep, snapshot }) => !keep && snapshot.state !== 'removing')
            .map(({ snapshot }) => snapshot.id);
        for (const id of dropped({ servedLately })) expect(servedLately).not.toContain(id);
        expect(dropped({})).not.toContain(freezeAt(policy, now)?.snapshot);
        expect(dropped({})).not.toContain(list.findLast(({ state }) => state === 'complete')?.id);
      }),
    ));

  it('drops nothing more when it is asked again at once', () =>
    fc.assert(
      fc.property(snapshots, policy, instant, someIds, (list, policy, now, servedLately) => {
        const keep = { ...KEEP, servedLately };
        const left = retention(list, policy, keep, now).filter(({ keep }) => keep);
        const again = retention(
          left.map(({ snapshot }) => snapshot),
          policy,
          keep,
          now,
        );
        expect(again.every(({ keep }) => keep)).toBe(true);
      }),
    ));
});
