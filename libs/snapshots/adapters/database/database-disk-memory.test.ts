import { systemClock } from '#libs/kernel/clock.js';
import { actor } from '#libs/kernel/actor.js';
import { DatabaseLeases } from '#libs/persistence/adapters/database-leases.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';
import { type TemporaryDatabase } from '#libs/persistence/testing/temporary-database.js';
import { DatabaseRepositoryStore } from '#libs/repositories/adapters/database-repository-store.js';
import { repositoriesTables } from '#libs/repositories/repositories.module.js';

import { snapshotsTables } from '../../snapshots.module.js';
import { DEBIAN } from '../../testing/arbitrary-snapshots.js';
import { newSnapshot } from '../../testing/index-under-test.js';
import { DatabaseDiskMemory } from './database-disk-memory.js';
import { DatabaseSnapshotStore } from './database-snapshot-store.js';

const ACT = { actor: actor('cli', 'test') };

describeEachDatabase('DatabaseDiskMemory', (makeDatabase) => {
  let temporary: TemporaryDatabase;
  let memory: DatabaseDiskMemory;
  beforeEach(async () => {
    temporary = await makeDatabase([...repositoriesTables, ...snapshotsTables], systemClock);
    memory = new DatabaseDiskMemory(temporary.database);
  });
  afterEach(() => temporary.remove());

  const publishOne = async () => {
    const { database } = temporary;
    const fence = await new DatabaseLeases(database).acquire('repository:debian', 'test', 60_000);
    if (fence === undefined) throw new Error('nobody else can hold it');
    const settings = {
      command: 'true',
      sourceFolder: undefined,
      delay: 0,
      holdBack: 'window' as const,
      schedule: undefined,
      editions: ['community'] as const,
    };
    await new DatabaseRepositoryStore(database).add(DEBIAN, settings, new Date(), ACT);
    await new DatabaseSnapshotStore(database, systemClock).publish(newSnapshot(1, 0), [], { ...ACT, fence });
  };

  it('recalls the disk it was told last, once there are snapshots on it', async () => {
    await memory.remember('first');
    await memory.remember('second');
    expect(await memory.recall()).toBeUndefined();
    await publishOne();
    expect(await memory.recall()).toBe('second');
  });

  it('agrees with all who ask at once on one id', async () => {
    const other = new DatabaseDiskMemory(temporary.database);
    const [first, second] = await Promise.all([memory.agreeOn('first'), other.agreeOn('second')]);
    expect(second).toBe(first);
    expect(await memory.agreeOn('third')).toBe(first);
  });

  it('recalls nothing that it was not told', async () => {
    await publishOne();
    expect(await memory.recall()).toBeUndefined();
  });

  it('writes nothing that it knows already: every start would wake those who watch the database', async () => {
    await memory.remember('first');
    const before = temporary.database.version();
    await memory.remember('first');
    expect(temporary.database.version()).toBe(before);
  });
});
