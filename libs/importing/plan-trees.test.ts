import fc from 'fast-check';

import { snapshotId } from '#libs/kernel/ids.js';

import { planTrees } from './plan-trees.js';

const folder = (name: string) => ({ name, isFolder: true });
const known = (...ids: readonly string[]) =>
  ids.map((text) => ({ id: snapshotId(text), takenAt: new Date(`2026-01-${text.slice(6, 8)}T00:00:00Z`) }));
const FIRST = '2026-01-01T00:00:00+00:00';
const SECOND = '2026-01-02T01:00:00+01:00';
const THIRD = '20260103T000000Z';

describe('planTrees', () => {
  it('takes trees in order of time, whatever zone their names are in and however they are listed', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([FIRST, SECOND, THIRD], { minLength: 3 }), (names) => {
        const { adopt, leave, refuse } = planTrees(names.map(folder), [], undefined);
        expect(adopt.map(({ directory }) => directory)).toEqual([FIRST, SECOND, THIRD]);
        expect([leave, refuse]).toEqual([[], []]);
      }),
    );
  });

  it('goes on where an import was cut off', () => {
    const { adopt, leave } = planTrees([FIRST, SECOND, THIRD].map(folder), known('20260101T000000Z'), undefined);
    expect(adopt).toEqual([
      { directory: SECOND, id: '20260102T000000Z' },
      { directory: THIRD, id: '20260103T000000Z' },
    ]);
    expect(leave).toEqual([{ directory: FIRST, because: 'it is snapshot 20260101T000000Z already' }]);
  });

  it('leaves what is older than a snapshot that is here', () => {
    const { adopt, leave } = planTrees([FIRST, SECOND].map(folder), known('20260109T000000Z'), undefined);
    expect(adopt).toEqual([]);
    expect(leave.map(({ because }) => because)).toEqual(
      Array(2).fill('it is older than snapshot 20260109T000000Z, which is here'),
    );
  });

  it('says nothing of the folders of our own snapshots, where the old storage is our disk', () => {
    const { adopt, leave, refuse } = planTrees([folder(THIRD)], known(THIRD), undefined);
    expect([adopt, leave, refuse]).toEqual([[], [], []]);
  });

  it.each([
    [folder('by-hand'), 'its name is no time; repository:freeze takes it from the disk by name'],
    [folder('2026-02-30T00:00:00+00:00'), 'its name is no time; repository:freeze takes it from the disk by name'],
    [{ name: FIRST, isFolder: false }, 'it is no directory'],
  ])('refuses %j', (entry, because) => {
    expect(planTrees([entry], [], undefined)).toEqual({
      adopt: [],
      leave: [],
      refuse: [{ directory: entry.name, because }],
    });
  });

  it('takes one of two with the same time', () => {
    const { adopt, refuse } = planTrees([folder(FIRST), folder('2026-01-01T01:00:00+01:00')], [], undefined);
    expect([adopt.length, refuse[0]?.because]).toEqual([1, 'another directory has the same time']);
  });

  it('keeps silent of the directory with another name that the repository is frozen to', () => {
    expect(planTrees([folder('by-hand')], [], 'by-hand').refuse).toEqual([]);
  });
});
