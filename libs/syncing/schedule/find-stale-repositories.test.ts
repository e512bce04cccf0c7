import { actor } from '#libs/kernel/actor.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { type Repository, type RepositorySettings } from '#libs/repositories/repository.js';
import { InMemoryRepositoryStore } from '#libs/repositories/testing/in-memory-repository-store.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { aSnapshot, NOON } from '#libs/snapshots/testing/arbitrary-snapshots.js';
import { InMemorySnapshotStore } from '#libs/snapshots/testing/in-memory-snapshot-store.js';

import { FindStaleRepositories, isStale } from './find-stale-repositories.js';

const TIMES = { schedule: '0 0 * * *', timezone: 'UTC' };
const SETTINGS: RepositorySettings = {
  command: 'true',
  sourceFolder: undefined,
  delay: 7,
  holdBack: 'window',
  schedule: undefined,
  editions: ['community'],
};
const repository = (changes: Partial<Repository> = {}): Repository => ({
  ...SETTINGS,
  id: 1,
  name: repositoryName('debian'),
  freeze: undefined,
  createdAt: new Date('2026-01-01T00:00:00Z'),
  ...changes,
});
const aged = (...ages: readonly number[]): readonly Snapshot[] => ages.map((age, index) => aSnapshot(index + 1, age));

describe('isStale', () => {
  // At noon: the last sync was due half a day ago, the last but one a day and a half ago.
  it.each<[string, Repository, readonly Snapshot[], boolean]>([
    ['the last sync was good', repository(), aged(1.5, 0.5), false],
    ['the last sync failed, or is under way', repository(), aged(1.5), false],
    ['the last two syncs failed', repository(), aged(1.6), true],
    ['the last two syncs were held', repository(), [aSnapshot(1, 2), aSnapshot(2, 0.5, 'held')], true],
    ['no sync was ever good', repository(), [], true],
    ['it was made yesterday', repository({ createdAt: new Date('2026-03-09T00:00:01Z') }), [], false],
    ['its own schedule is weekly', repository({ schedule: '0 0 * * 0' }), aged(7), false],
    [
      'its own schedule is weekly and two were missed',
      repository({ schedule: '0 0 * * 0', delay: 30 }),
      aged(20),
      true,
    ],
    ['its schedule names no time', repository({ schedule: '0 0 30 2 *' }), aged(5), false],
    ['all has left the window', repository({ schedule: '0 0 30 2 *' }), aged(8), true],
  ])('when %s: %#', (_, each, snapshots, expected) => {
    expect(isStale(each, snapshots, TIMES, NOON)).toBe(expected);
  });
});

describe('FindStaleRepositories', () => {
  it('names them', async () => {
    const clock = fixedClock(NOON);
    const [repositories, snapshots] = [new InMemoryRepositoryStore(), new InMemorySnapshotStore(undefined, clock)];
    for (const name of ['alpine', 'debian']) {
      await repositories.add(repositoryName(name), SETTINGS, new Date('2026-01-01T00:00:00Z'));
    }
    await snapshots.publish(aSnapshot(1, 0.5), [], {
      actor: actor('worker'),
      fence: { name: 'repository:debian', token: 1 },
    });
    const find = new FindStaleRepositories(repositories, snapshots, TIMES, clock);
    expect(await find.run()).toEqual(['alpine']);
  });
});
