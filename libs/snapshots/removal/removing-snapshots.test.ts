import fs from 'node:fs';

import { HOUR } from '#libs/kernel/duration.js';
import { snapshotId } from '#libs/kernel/ids.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Disk } from '#libs/storage/disk.js';
import { type ObjectKey } from '#libs/storage/object-key.js';
import { failingDisk } from '#libs/storage/testing/failing-disk.js';

import { allAdded } from '../catalog/catalog-changes.js';
import { filesOf, readManifest } from '../manifest/read-manifest.js';
import { InMemorySnapshotStore } from '../testing/in-memory-snapshot-store.js';
import { DeleteSnapshot } from './delete-snapshot.js';
import { ReconcileSnapshots } from '../recovery/reconcile-snapshots.js';
import { removeSnapshot } from './remove-snapshot.js';
import { RemoveRepositoryContent } from './remove-repository-content.js';
import { type NewSnapshot } from '../snapshot.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '../testing/snapshot-world.js';

describe('removing snapshots', () => {
  let world: SnapshotWorld;
  let taken: readonly NewSnapshot[];
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    await world.register();
    const snapshots: NewSnapshot[] = [];
    for (const version of ['1', '2', '3']) {
      world.change({ Packages: version });
      snapshots.push(await world.take());
    }
    taken = snapshots;
  });
  afterEach(() => {
    world.remove();
  });

  const nth = (index: number): NewSnapshot => {
    const snapshot = taken[index];
    if (snapshot === undefined) throw new Error('there are three');
    return snapshot;
  };
  const left = async () => Object.keys(await world.states());

  describe('DeleteSnapshot', () => {
    const remove = ({ id }: Pick<NewSnapshot, 'id'>, force = false) => {
      const { disk, snapshots, repositories, clock } = world.parts;
      const request = { repository: DEBIAN, snapshot: id, force, act: BY_TEST };
      return new DeleteSnapshot(disk, snapshots, repositories, clock).run(request);
    };

    it('deletes one that nobody needs, with its manifest', async () => {
      expect(await remove(nth(0))).toMatchObject({ id: nth(0).id, state: 'complete' });
      expect(await left()).toEqual([nth(1).id, nth(2).id]);
      expect(fs.existsSync(`${world.root}/snapshots/debian/${nth(0).id}`)).toBe(false);
      expect(await world.check()).toEqual([]);
      await expect(remove(nth(0))).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    });

    it('deletes the one served by force only', async () => {
      await expect(remove(nth(2))).rejects.toMatchObject({
        code: 'SNAPSHOT_SERVED',
        hint: expect.stringContaining('--force') as string,
      });
      await remove(nth(2), true);
      expect(await left()).toEqual([nth(0).id, nth(1).id]);
    });

    it('deletes the last one by force only', async () => {
      await remove(nth(0));
      await remove(nth(1));
      await expect(remove(nth(2))).rejects.toMatchObject({ code: 'LAST_SNAPSHOT' });
      await remove(nth(2), true);
      expect(await left()).toEqual([]);
    });

    it('never deletes one that the repository is frozen to, until the freeze ends (I-05, I-11)', async () => {
      await world.freeze(nth(0).id, new Date(world.clock.now().getTime() + HOUR));
      for (const force of [false, true])
        await expect(remove(nth(0), force)).rejects.toMatchObject({ code: 'SNAPSHOT_FROZEN' });
      world.clock.advance(HOUR);
      await remove(nth(0));
      expect(await left()).not.toContain(nth(0).id);
    });

    it('says what is not there', async () => {
      await expect(remove({ id: snapshotId('20200101T000000Z') })).rejects.toMatchObject({
        code: 'SNAPSHOT_NOT_FOUND',
      });
      await world.repositories.markDeleted(DEBIAN);
      await expect(remove(nth(0))).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    });

    it('keeps one that is frozen while it decides (I-05)', async () => {
      world.snapshots.beforeNext('move', () => world.freeze(nth(0).id));
      await expect(remove(nth(0))).rejects.toMatchObject({ code: 'SNAPSHOT_BUSY' });
      expect(await left()).toHaveLength(3);
      expect(fs.existsSync(world.manifestPath(nth(0).id))).toBe(true);
    });

    it('gives way to whoever changes it at the same time', async () => {
      const { id } = nth(0);
      world.snapshots.beforeNext('move', () => world.snapshots.move(DEBIAN, id, 'complete', 'superseded', BY_TEST));
      await expect(remove(nth(0))).rejects.toMatchObject({ code: 'SNAPSHOT_BUSY' });
      expect(await world.states()).toMatchObject({ [id]: 'superseded' });
      expect(fs.existsSync(world.manifestPath(id))).toBe(true);
    });
  });

  describe('ReconcileSnapshots', () => {
    let log: RecordedLog;
    let reconciler: ReconcileSnapshots;
    beforeEach(() => {
      log = new RecordedLog();
      reconciler = new ReconcileSnapshots(world.disk, world.snapshots, world.clock, log);
    });
    const reconcile = async () => reconciler.run(await getRepository(world.repositories, DEBIAN), BY_TEST);

    it('follows snapshots that were removed by hand (T-38)', async () => {
      expect(await reconcile()).toEqual([]);
      fs.rmSync(`${world.root}/snapshots/debian/${nth(2).id}`, { recursive: true });
      fs.rmSync(world.manifestPath(nth(0).id));
      expect(await reconcile()).toEqual([nth(0).id, nth(2).id]);
      expect(await left()).toEqual([nth(1).id]);
      expect(world.snapshots.audit.at(-1)?.act).toEqual({
        ...BY_TEST,
        reason: expect.stringContaining('by hand') as string,
      });
      expect(log.of('snapshots were removed from the disk by hand')).toEqual([
        { repository: DEBIAN, snapshots: [nth(0).id, nth(2).id] },
      ]);
      expect(await world.check()).toEqual([]);
    });

    it('follows the removal by hand of the one that is frozen, which nothing can keep', async () => {
      await world.freeze(nth(0).id);
      fs.rmSync(`${world.root}/snapshots/debian/${nth(0).id}`, { recursive: true });
      expect(await reconcile()).toEqual([nth(0).id]);
      expect(await left()).toEqual([nth(1).id, nth(2).id]);
      expect(log.of('snapshots were removed from the disk by hand')).toMatchObject([{ lostFreeze: nth(0).id }]);
    });

    it('follows the removal of all of them', async () => {
      for (const { id } of taken) fs.rmSync(`${world.root}/snapshots/debian/${id}`, { recursive: true });
      expect(await reconcile()).toHaveLength(3);
      expect(await left()).toEqual([]);
    });

    it('follows nothing on a disk that is older than the database, and says so once (T-39)', async () => {
      await reconcile();
      fs.cpSync(world.root, `${world.root}.old`, { recursive: true });
      world.change({ Packages: '4' });
      const { id } = await world.take();
      await world.freeze(id);
      const swap = (from: string, to: string) => {
        fs.renameSync(world.root, `${world.root}.${to}`);
        fs.renameSync(`${world.root}.${from}`, world.root);
      };
      swap('old', 'right');
      expect(await reconcile()).toEqual([]);
      expect(await reconcile()).toEqual([]);
      expect(await left()).toHaveLength(4);
      swap('right', 'old');
      expect(await reconcile()).toEqual([]);
      fs.rmSync(`${world.root}.old`, { recursive: true });
      expect(await world.check()).toEqual([]);
      expect(log.lines.map(({ level, fields }) => [level, fields['snapshots']])).toEqual([
        ['warn', [id]],
        ['info', undefined],
      ]);
    });

    it('follows what is removed from a disk that was put together from a backup, once it was seen there', async () => {
      fs.rmSync(`${world.root}/snapshots/debian/.noted`, { recursive: true });
      expect(await reconcile()).toEqual([]);
      fs.rmSync(`${world.root}/snapshots/debian/${nth(1).id}`, { recursive: true });
      expect(await reconcile()).toEqual([nth(1).id]);
    });

    it('follows what was removed since an older database that was put back (T-39)', async () => {
      await reconcile();
      const older = new InMemorySnapshotStore(undefined, world.clock);
      const [first] = await world.snapshots.list(DEBIAN);
      if (first === undefined) throw new Error('there are three');
      const files = [...filesOf(await readManifest(world.disk, DEBIAN, first.id))];
      await older.publish(
        first,
        allAdded(() => files),
        { ...BY_TEST, fence: await world.fence() },
      );
      await removeSnapshot(world.disk, world.snapshots, first, BY_TEST);
      const repository = await getRepository(world.repositories, DEBIAN);
      const afterwards = new ReconcileSnapshots(world.disk, older, world.clock, log);
      expect(await afterwards.run(repository, BY_TEST)).toEqual([first.id]);
    });

    it('follows nothing while a disk comes back: it looks twice (T-39)', async () => {
      await reconcile();
      let looks = 0;
      const stat = async (key: ObjectKey) => (++looks === 1 ? undefined : world.disk.stat(key));
      const disk = Object.assign(Object.create(world.disk) as Disk, { stat });
      const repository = await getRepository(world.repositories, DEBIAN);
      expect(await new ReconcileSnapshots(disk, world.snapshots, world.clock, log).run(repository, BY_TEST)).toEqual(
        [],
      );
      expect(await left()).toHaveLength(3);
    });

    it('finishes what a deletion left', async () => {
      await world.snapshots.move(DEBIAN, nth(0).id, 'complete', 'removing', BY_TEST);
      expect(await reconcile()).toEqual([nth(0).id]);
      expect(await world.check()).toEqual([]);
    });

    it.each([
      ['the marker is', () => fs.rmSync(`${world.root}/.parceler-disk`)],
      [
        'all is',
        () => {
          for (const name of fs.readdirSync(world.root)) fs.rmSync(`${world.root}/${name}`, { recursive: true });
        },
      ],
      [
        'what holds the snapshots is',
        () => {
          fs.rmSync(`${world.root}/snapshots`, { recursive: true });
          fs.mkdirSync(`${world.root}/snapshots`);
        },
      ],
    ])('takes nothing for a removal when %s missing: the volume may not be mounted', async (_, unmount) => {
      fs.rmSync(world.manifestPath(nth(0).id));
      unmount();
      expect(await reconcile()).toEqual([]);
      expect(await left()).toHaveLength(3);
    });
  });

  describe('RemoveRepositoryContent', () => {
    const remover = (repositories: Pick<RepositoryStore, 'listDeleted' | 'forget'> = world.repositories) =>
      new RemoveRepositoryContent(world.disk, world.disk, world.snapshots, repositories);
    const markDeleted = async () => {
      const repository = await getRepository(world.repositories, DEBIAN);
      await world.repositories.markDeleted(DEBIAN);
      return repository;
    };
    const onDisk = () => ['snapshots', 'source'].map((folder) => fs.readdirSync(`${world.root}/${folder}`));

    it('removes what a deleted repository left, and frees its name (T-18)', async () => {
      await remover().run(await markDeleted(), await world.fence());
      expect(await left()).toEqual([]);
      expect(await world.repositories.listDeleted()).toEqual([]);
      expect(onDisk()).toEqual([[], []]);
    });

    it('can be cut off anywhere and run again (I-25)', async () => {
      const repository = await markDeleted();
      const fence = await world.fence();
      for (let nth = 1, failed = true; failed; nth += 1) {
        const disk = failingDisk(world.disk, 'any', nth, { kind: nth % 2 === 0 ? 'before' : 'after' });
        await new RemoveRepositoryContent(disk, disk, world.snapshots, world.repositories)
          .run(repository, fence)
          .catch(() => undefined);
        failed = disk.failed;
      }
      expect(await world.repositories.listDeleted()).toEqual([]);
      expect(onDisk()).toEqual([[], []]);
    });

    it('frees no name while the volume is not mounted: the content would come back with it', async () => {
      const repository = await markDeleted();
      fs.rmSync(`${world.root}/.parceler-disk`);
      await expect(remover().run(repository, await world.fence())).rejects.toMatchObject({ code: 'DISK_NOT_MARKED' });
      expect(await world.repositories.listDeleted()).toHaveLength(1);
    });

    describe('when another worker has freed the name, and somebody has taken it', () => {
      const freeAndTake = async (old: Repository) => {
        await remover().run(old, await world.fence());
        world.overtake();
        await world.register();
        world.change({ Packages: 'new' });
        await world.take();
      };
      const expectUntouched = async () => {
        expect(await left()).toHaveLength(1);
        expect(onDisk()).toEqual([['debian'], ['debian']]);
        expect(await world.check()).toEqual([]);
      };

      it('touches nothing (I-13)', async () => {
        const [old, fence] = [await markDeleted(), await world.fence()];
        await freeAndTake(old);
        await expect(remover().run(old, fence)).rejects.toMatchObject({ code: 'LEASE_LOST' });
        await expectUntouched();
      });

      it.each([1, 2, 3, 4])('touches nothing, or puts it back, when that was after look %s (I-13)', async (looks) => {
        const [old, fence] = [await markDeleted(), await world.fence()];
        let looked = 0;
        const listDeleted = async () => {
          const before = await world.repositories.listDeleted();
          if (++looked === looks) await freeAndTake(old);
          return before;
        };
        const forget = world.repositories.forget.bind(world.repositories);
        const removing = remover({ listDeleted, forget }).run(old, fence);
        await expect(removing).rejects.toMatchObject({ code: 'LEASE_LOST' });
        await expectUntouched();
      });
    });
  });
});
