import { repositoryName } from '#libs/kernel/ids.js';

import { DeleteRepository } from './delete-repository.js';
import { CancelOpenRuns } from './runs/cancel-open-runs.js';
import { CancelRun } from './runs/cancel-run.js';
import { type RunStore } from './runs/run-store.js';
import { BY_ROOT, DEBIAN, SyncWorld } from './testing/sync-world.js';

const OPENWRT = repositoryName('openwrt');

describe('DeleteRepository', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await SyncWorld.make();
    await world.addRepository('true');
    await world.addRepository('true', {}, OPENWRT);
  });
  afterEach(() => world.remove());

  const deleteRepository = (finish = world.runs.finish.bind(world.runs)) => {
    const runs = new Proxy(world.runs, {
      get: (store, name: keyof RunStore) => (name === 'finish' ? finish : store[name]),
    });
    const cancelOpenRuns = new CancelOpenRuns(runs, new CancelRun(runs, world.clock));
    return new DeleteRepository(world.repositories, cancelOpenRuns, world.clock).run(DEBIAN, BY_ROOT);
  };

  it('hides the repository, ends what was open for it, and says what that was', async () => {
    const kept = await world.requested(OPENWRT);
    const { id } = await world.requested();
    expect(await deleteRepository()).toMatchObject([{ id, state: 'cancelled' }]);
    expect((await world.found(id)).error).toBe('Cancelled by cli:root: the repository was deleted.');
    expect(await world.found(kept.id)).toEqual(kept);
    expect(await world.repositories.list()).toMatchObject([{ name: OPENWRT }]);
    expect(await world.repositories.listDeleted()).toMatchObject([{ name: DEBIAN }]);
  });

  it('ends nothing for one that is not there', async () => {
    await deleteRepository();
    const late = await world.requested();
    await expect(deleteRepository()).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    expect(await world.found(late.id)).toEqual(late);
  });

  it('has deleted it also when its runs cannot be ended now: they are before its content is removed', async () => {
    await world.requested();
    const down = new Error('the disk is full');
    await expect(deleteRepository(() => Promise.reject(down))).rejects.toBe(down);
    expect(await world.repositories.listDeleted()).toMatchObject([{ name: DEBIAN }]);
  });
});
