import fc from 'fast-check';

import { DAY, HOUR } from '#libs/kernel/duration.js';
import { repositoryName, snapshotIdAt, type SnapshotId } from '#libs/kernel/ids.js';
import { HOLD_BACK_MODES } from '#libs/repositories/repository.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type Snapshot, type SnapshotState } from '../snapshot.js';
import { type ServingPolicy } from '../stable-snapshot.js';

export const NOON = new Date('2026-03-10T12:00:00Z');
export const DEBIAN = repositoryName('debian');
export const idOf = (sequence: number): SnapshotId => snapshotIdAt(new Date(Date.UTC(2026, 0, 1, 0, 0, sequence)));
export const daysBeforeNoon = (days: number): Date => new Date(NOON.getTime() - days * DAY);

/** A snapshot that was taken so many days before `NOON`. */
export function aSnapshot(sequence: number, ageDays: number, state: SnapshotState = 'complete'): Snapshot {
  return {
    repository: DEBIAN,
    id: idOf(sequence),
    sequence,
    state,
    takenAt: daysBeforeNoon(ageDays),
    stateSince: daysBeforeNoon(ageDays),
    files: 0,
    bytes: 0,
    changes: { added: 0, changed: 0, removed: 0 },
    manifestSha256: sequence.toString(16).padStart(64, '0') as Sha256,
    note: undefined,
    run: undefined,
  };
}

const STATES: readonly SnapshotState[] = ['complete', 'held', 'superseded', 'damaged', 'removing'];

// Half days on purpose: ages that meet the delay exactly are the interesting ones. Negative ones come from clocks set back.
const age = fc.integer({ min: -6, max: 40 }).map((halves) => halves / 2);
const state = fc.oneof(
  { weight: 3, arbitrary: fc.constant<SnapshotState>('complete') },
  { weight: 1, arbitrary: fc.constantFrom(...STATES) },
);

/** Snapshots in order of sequence, taken by a clock that jumps. */
export const snapshots = fc
  .array(fc.tuple(age, state), { maxLength: 9 })
  .map((rows) => rows.map(([days, state], index) => aSnapshot(index + 1, days, state)));

/** Instants around `NOON`, most of them full half days away from it. */
export const instant = fc
  .tuple(fc.integer({ min: -20, max: 40 }), fc.constantFrom(0, 0, 1, -1, HOUR))
  .map(([halves, offset]) => new Date(NOON.getTime() + (halves * DAY) / 2 + offset));

export const unfrozenPolicy: fc.Arbitrary<ServingPolicy> = fc.record({
  delay: fc.constantFrom(0, 1, 2, 7, 14),
  holdBack: fc.constantFrom(...HOLD_BACK_MODES),
  freeze: fc.constant(undefined),
});

const freeze = fc.record({
  snapshot: fc.integer({ min: 1, max: 10 }).map(idOf),
  at: fc.constant(daysBeforeNoon(10)),
  reason: fc.constant(undefined),
  until: fc.option(instant, { nil: undefined }),
});

export const policy: fc.Arbitrary<ServingPolicy> = fc
  .tuple(unfrozenPolicy, fc.option(freeze, { nil: undefined }))
  .map(([rest, frozen]) => ({ ...rest, freeze: frozen }));
