import { repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';

import { CancelOpenRuns } from '../runs/cancel-open-runs.js';
import { CancelRun } from '../runs/cancel-run.js';
import { type Run } from '../runs/run.js';
import { RecoverRepositories } from './recover-repositories.js';
import { RemoveDeletedRepositories, type RemovalSteps } from './remove-deleted-repositories.js';
import { SweepRuns } from './sweep-runs.js';
import { BY_ROOT, DEBIAN, SyncWorld } from '../testing/sync-world.js';

const OPENWRT = repositoryName('openwrt');

describe('upkeep', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await SyncWorld.make();
    await world.addRepository('true');
    await world.addRepository('true', {}, OPENWRT);
  });
  afterEach(() => world.remove());
  const leaseOf = (name: string) => world.snapshots.leases.acquire(`repository:${name}`, 'worker:other', 30_000);

  describe('RemoveDeletedRepositories', () => {
    const removed: RepositoryName[] = [];
    const removeContent: RemovalSteps['removeContent'] = async ({ id, name }, fence) => {
      expect(await world.runs.list({ repository: name })).toEqual([]);
      expect(await world.snapshots.leases.holder(`repository:${name}`)).toBeDefined();
      removed.push(name);
      await world.repositories.forget(id, fence);
    };
    const remove = (
      steps: Partial<RemovalSteps> = {},
      repositories: Pick<RepositoryStore, 'listDeleted'> = world.repositories,
    ) => {
      const cancelRuns = new CancelOpenRuns(world.runs, new CancelRun(world.runs, world.clock));
      const usual: RemovalSteps = {
        cancelRuns: (name, act) => cancelRuns.run(name, act),
        forgetRuns: (name, fence) => world.runs.forgetAll(name, fence),
        removeContent,
      };
      const { leases } = world.snapshots;
      return new RemoveDeletedRepositories(repositories, leases, { ...usual, ...steps }, world.log).run(BY_ROOT);
    };
    beforeEach(() => removed.splice(0));

    it('removes their runs and content, and nothing of others', async () => {
      const kept = await world.requested(OPENWRT);
      await world.requested();
      await world.repositories.markDeleted(DEBIAN);
      expect(await remove()).toEqual(['debian']);
      expect(removed).toEqual(['debian']);
      expect(await world.runs.list({})).toEqual([kept]);
      expect(await remove()).toEqual([]);
    });

    it('stops a sync that is under way, and comes back when it has ended', async () => {
      const run = await world.requested();
      await world.repositories.markDeleted(DEBIAN);
      const held = await leaseOf('debian');
      expect(await remove()).toEqual([]);
      expect(await world.found(run.id)).toMatchObject({
        state: 'cancelled',
        error: expect.stringContaining('deleted') as string,
      });
      if (held) await world.snapshots.leases.release(held);
      expect(await remove()).toEqual(['debian']);
    });

    it('removes the others when one cannot be removed, and tells of it', async () => {
      for (const name of [DEBIAN, OPENWRT]) await world.repositories.markDeleted(name);
      const stuck: RemovalSteps['removeContent'] = (repository, fence) =>
        repository.name === DEBIAN ? Promise.reject(new Error('a file is in use')) : removeContent(repository, fence);
      await expect(remove({ removeContent: stuck })).rejects.toThrow('a file is in use');
      expect(removed).toEqual(['openwrt']);
      expect(await world.repositories.listDeleted()).toMatchObject([{ name: 'debian' }]);
      expect(await remove()).toEqual(['debian']);
    });

    it.each([1, 2])('touches nothing under a name that was taken anew after look %s at it (I-13)', async (looks) => {
      await world.repositories.markDeleted(DEBIAN);
      let looked = 0;
      let run: Run | undefined;
      const listDeleted = async () => {
        const before = await world.repositories.listDeleted();
        if (++looked !== looks) return before;
        for (const { id } of before) await world.repositories.forget(id, { name: 'repository:debian', token: 1 });
        await world.addRepository('true');
        run = await world.requested();
        return before;
      };
      expect(await remove({}, { listDeleted })).toEqual([]);
      expect(removed).toEqual([]);
      expect(await world.runs.list({})).toMatchObject([{ id: run?.id }]);
    });
  });

  describe('RecoverRepositories', () => {
    it('recovers each repository under its lease, but for those that are being worked on', async () => {
      await leaseOf('openwrt');
      const recovered: string[] = [];
      const recover = {
        run: async ({ repository, fence }: { repository: string; fence: { name: string } }) => {
          expect(fence.name).toBe(`repository:${repository}`);
          recovered.push(repository);
          return { adopted: [], removed: [], finished: [] };
        },
      };
      const sweep = { run: async () => [] };
      const { leases } = world.snapshots;
      await new RecoverRepositories(world.repositories, leases, recover, sweep, world.log).run(BY_ROOT);
      expect(recovered).toEqual(['debian']);
      expect(await leases.holder('repository:debian')).toBeUndefined();
    });

    it('goes on after a failure', async () => {
      const recovered: string[] = [];
      const recover = {
        run: async ({ repository }: { repository: string }) => {
          recovered.push(repository);
          throw new AppError('unavailable', 'DISK_FAILED', 'It failed.');
        },
      };
      const sweep = { run: () => Promise.reject(new Error('no')) };
      await new RecoverRepositories(world.repositories, world.snapshots.leases, recover, sweep, world.log).run(BY_ROOT);
      expect(recovered).toEqual(['debian', 'openwrt']);
      expect(world.logged).toEqual([
        ['staging not swept', { error: 'no' }],
        ['upkeep of a repository failed', { repository: 'debian', error: 'It failed.' }],
        ['upkeep of a repository failed', { repository: 'openwrt', error: 'It failed.' }],
      ]);
    });
  });

  it('SweepRuns forgets what ended long ago', async () => {
    for (let day = 0; day < 3; day++) {
      const { id } = await world.requested();
      await world.runs.finish({ id }, { state: 'failed', at: world.clock.now() });
      world.clock.advance(24 * 3_600_000);
    }
    const sweep = new SweepRuns(world.runs, world.queue, world.clock, 36 * 3_600_000);
    expect(await sweep.run()).toEqual({ runs: 2, jobs: 0 });
    expect(await world.runs.list({})).toHaveLength(1);
  });
});
