import { repositoryName } from '#libs/kernel/ids.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';

import { DatabaseRunStore } from '../adapters/database-run-store.js';
import { runLogTable, runTable } from '../adapters/run.table.js';
import { QueueDueSyncs } from './queue-due-syncs.js';
import { type RunStore } from '../runs/run-store.js';
import { DEBIAN, SyncWorld } from '../testing/sync-world.js';

const DAY = 24 * 3_600_000;

describe('QueueDueSyncs', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await SyncWorld.make();
    world.clock.set('2026-03-10T12:00:00Z');
  });
  afterEach(() => world.remove());

  const scheduler = (runs: RunStore = world.runs, queue = world.queue) =>
    new QueueDueSyncs(world.repositories, runs, queue, { schedule: '0 0 * * *', timezone: 'Europe/Rome' }, world);
  const finish = async (state: 'succeeded' | 'failed' = 'succeeded') => {
    for (const { id } of await world.runs.list({ states: ['queued', 'running'] })) {
      await world.runs.finish({ id }, { state, at: world.clock.now() });
    }
  };

  it('adds each sync once when it is due, and wakes a worker', async () => {
    await world.addRepository('true');
    const due = scheduler();
    expect(await due.run()).toEqual([]);
    world.clock.set('2026-03-10T22:59:59Z');
    expect(await due.run()).toEqual([]);
    world.clock.set('2026-03-10T23:00:00Z');
    expect(await due.run()).toMatchObject([{ repository: 'debian', kind: 'sync', requestedBy: 'schedule' }]);
    expect(world.jobs('waiting')).toBe(1);
    await finish('failed');
    expect(await due.run()).toEqual([]);
    expect(await scheduler().run()).toEqual([]);
    world.clock.advance(DAY);
    expect(await due.run()).toHaveLength(1);
  });

  it('makes up for the latest one only, of those missed while no scheduler ran', async () => {
    await world.addRepository('true');
    world.clock.advance(10 * DAY);
    const due = scheduler();
    expect(await due.run()).toHaveLength(1);
    await finish();
    expect(await due.run()).toEqual([]);
  });

  it('lets a sync that an operator asked for serve, when it is still open at the due time', async () => {
    await world.addRepository('true');
    world.clock.set('2026-03-10T22:59:00Z');
    await world.requested();
    world.clock.set('2026-03-10T23:01:00Z');
    expect(await scheduler().run()).toEqual([]);
    await finish();
    expect(await scheduler().run()).toEqual([]);
  });

  it('syncs again after a due sync that went on past the next due time', async () => {
    await world.addRepository('true', { schedule: '0 * * * *' });
    world.clock.advance(3_600_000);
    const due = scheduler();
    expect(await due.run()).toHaveLength(1);
    world.clock.advance(3_600_000);
    expect(await due.run()).toEqual([]);
    await finish();
    expect(await due.run()).toHaveLength(1);
  });

  it('keeps the others going when one repository or the queue makes trouble', async () => {
    await world.addRepository('true', { schedule: 'never ever' }, repositoryName('broken'));
    await world.addRepository('true');
    world.clock.advance(DAY);
    expect(await scheduler().run()).toMatchObject([{ repository: 'debian' }]);
    expect(world.logged).toMatchObject([['due sync not queued', { repository: 'broken' }]]);
  });

  it('adds the run while the queue is down', async () => {
    await world.addRepository('true');
    world.clock.advance(DAY);
    const queue = new Proxy(world.queue, { get: () => () => Promise.reject(new Error('down')) });
    expect(await scheduler(world.runs, queue).run()).toMatchObject([{ repository: 'debian' }]);
    expect(await world.runs.list({ repository: DEBIAN })).toMatchObject([{ state: 'queued' }]);
  });

  describeEachDatabase('QueueDueSyncs', (makeDatabase) => {
    it('asks for each due sync once, however many schedulers look (T-48, I-14)', async () => {
      const { database, another, remove } = await makeDatabase([runTable, runLogTable]);
      try {
        const names = Array.from({ length: 20 }, (_, index) => repositoryName(`repository-${index}`));
        for (const name of names) await world.addRepository('true', {}, name);
        const stores = [database, await another(), await another()].map((each) => new DatabaseRunStore(each));
        const schedulers = stores.map((runs) => scheduler(runs));
        for (let day = 1; day <= 10; day++) {
          world.clock.advance(DAY);
          const added = (await Promise.all(schedulers.map((each) => each.run()))).flat();
          expect(added.map(({ repository }) => repository).toSorted()).toEqual(names.toSorted());
          for (const { id } of added) await stores[0]?.finish({ id }, { state: 'succeeded', at: world.clock.now() });
        }
        expect(await stores[0]?.list({})).toHaveLength(200);
      } finally {
        await remove();
      }
    }, 60_000);
  });
});
