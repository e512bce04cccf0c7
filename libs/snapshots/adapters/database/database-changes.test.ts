import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { silentLog } from '#libs/observability/log.js';
import { DatabaseLeases } from '#libs/persistence/adapters/database-leases.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';
import { noticed } from '#libs/persistence/testing/noticed.js';
import { type MakeDatabase } from '#libs/persistence/testing/temporary-database.js';
import { DatabaseRepositoryStore } from '#libs/repositories/adapters/database-repository-store.js';
import { repositoriesTables } from '#libs/repositories/repositories.module.js';

import { ServedSnapshots } from '../../served-snapshots.js';
import { snapshotsTables } from '../../snapshots.module.js';
import { DEBIAN, idOf, NOON } from '../../testing/arbitrary-snapshots.js';
import { ACT, newSnapshot } from '../../testing/index-under-test.js';
import { DatabaseSnapshotStore } from './database-snapshot-store.js';
import { databaseChanges } from './database-changes.js';

const TABLES = [...repositoriesTables, ...snapshotsTables];
const SETTINGS = {
  command: 'true',
  sourceFolder: undefined,
  delay: 100,
  holdBack: 'window',
  schedule: undefined,
  editions: ['community'],
} as const;

/** A process that serves, and another one that changes things. */
async function twoProcesses(makeDatabase: MakeDatabase) {
  const clock = fixedClock(NOON);
  const { database, another, remove } = await makeDatabase(TABLES, clock);
  const other = await another();
  const fence = await new DatabaseLeases(other).acquire('repository:debian', 'other', 60_000);
  if (fence === undefined) throw new Error('nobody else can hold it');
  const stores = {
    repositories: new DatabaseRepositoryStore(database),
    snapshots: new DatabaseSnapshotStore(database, clock),
  };
  return {
    served: new ServedSnapshots(stores, databaseChanges(database), clock, silentLog),
    repositories: new DatabaseRepositoryStore(other),
    snapshots: new DatabaseSnapshotStore(other, clock),
    leases: new DatabaseLeases(other),
    fence,
    elsewhere: <T>(change: () => Promise<T>) => noticed(database, change),
    close: remove,
  };
}

type Processes = Awaited<ReturnType<typeof twoProcesses>>;

describeEachDatabase('databaseChanges', (makeDatabase) => {
  let processes: Processes;
  const answer = async () => {
    const found = await processes.served.get(DEBIAN);
    return found && [found.served?.snapshot.sequence, found.served?.reason];
  };

  beforeEach(async () => {
    processes = await twoProcesses(makeDatabase);
    const { repositories, snapshots, fence } = processes;
    await repositories.add(DEBIAN, SETTINGS, NOON, ACT);
    for (const sequence of [1, 2]) await snapshots.publish(newSnapshot(sequence, 0), [], { ...ACT, fence });
    expect(await answer()).toEqual([1, 'window']);
  });
  afterEach(() => processes.close());

  const freeze = { snapshot: idOf(2), at: NOON, reason: undefined, until: undefined };

  it.each<[string, (processes: Processes) => Promise<unknown>, unknown]>([
    ['freeze', ({ repositories }) => repositories.freeze(DEBIAN, freeze, ACT), [2, 'frozen']],
    ['setting', ({ repositories }) => repositories.update(DEBIAN, { delay: 0 }, NOON, ACT), [2, 'newest']],
    ['deletion', ({ repositories }) => repositories.markDeleted(DEBIAN, NOON, ACT), undefined],
    ['removal', ({ snapshots }) => snapshots.move(DEBIAN, idOf(1), 'complete', 'removing', ACT), [2, 'window']],
  ])('notices what another process did: %s', async (_, change, expected) => {
    await processes.elsewhere(() => change(processes));
    expect(await answer()).toEqual(expected);
  });

  it('notices an unfreezing and a publication', async () => {
    const { repositories, snapshots, fence, elsewhere } = processes;
    await elsewhere(() => repositories.freeze(DEBIAN, freeze, ACT));
    expect(await answer()).toEqual([2, 'frozen']);
    await elsewhere(() => repositories.unfreeze(DEBIAN, NOON, ACT));
    expect(await answer()).toEqual([1, 'window']);
    await elsewhere(() => repositories.update(DEBIAN, { delay: 0 }, NOON, ACT));
    await elsewhere(() => snapshots.publish(newSnapshot(3, 0), [], { ...ACT, fence }));
    expect(await answer()).toEqual([3, 'newest']);
  });

  it('does not mind what a running system writes by itself', async () => {
    const before = await processes.served.get(DEBIAN);
    const { fence, leases } = processes;
    await processes.elsewhere(() => leases.renew({ ...fence, owner: 'other', expiresAt: NOON }, 90_000));
    expect(processes.served.get(DEBIAN)).toBeInstanceOf(Promise);
    expect(await processes.served.get(DEBIAN)).toBe(before);
    expect(processes.served.get(DEBIAN)).toBe(before);
  });
});
