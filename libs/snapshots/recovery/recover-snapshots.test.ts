import fs from 'node:fs';

import { AppError } from '#libs/kernel/errors.js';
import { DAY, HOUR } from '#libs/kernel/duration.js';
import { snapshotId } from '#libs/kernel/ids.js';
import { silentLog } from '#libs/observability/log.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { failingDisk, type FailingDisk } from '#libs/storage/testing/failing-disk.js';

import { AdoptDirectory } from './adopt-directory.js';
import { CopyToBlobs } from '../adapters/local/copy-to-blobs.js';
import { LocalSource } from '../adapters/local/local-source.js';
import { RecoverSnapshots } from './recover-snapshots.js';
import { SweepStaging } from './sweep-staging.js';
import { ReconcileSnapshots } from './reconcile-snapshots.js';
import { removeSnapshot } from '../removal/remove-snapshot.js';
import { type NewSnapshot } from '../snapshot.js';
import { stableSnapshot } from '../stable-snapshot.js';
import { failingCall, type FailingFunction } from '../testing/failing-call.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '../testing/snapshot-world.js';

const TREE = { Packages: 'index', 'pool/a': 'a', 'pool/b': 'b', large: Buffer.alloc(1_100_000, 'l') };

describe('recovery', () => {
  let world: SnapshotWorld;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    world.change(TREE);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    world.remove();
  });

  const recover = async (disk = world.disk as FailingDisk | typeof world.disk) => {
    await new SweepStaging(disk, world.leases).run();
    return new RecoverSnapshots(disk, world.index, world.clock, silentLog).run({
      repository: DEBIAN,
      fence: await world.fence(),
      act: BY_TEST,
    });
  };
  const NOTHING = { adopted: [], removed: [], finished: [] };

  /** A manifest whose row was never written. */
  const orphan = async () => {
    const lost = new AppError('conflict', 'LEASE_LOST', 'paused');
    world.snapshots.beforeNext('publish', () => Promise.reject(lost));
    await expect(world.take()).rejects.toBe(lost);
    const names = fs.readdirSync(`${world.root}/snapshots/debian`);
    const known = await world.states();
    return snapshotId(names.find((name) => !name.startsWith('.') && !(name in known)) ?? '');
  };

  it('does nothing where nothing is amiss', async () => {
    await world.take();
    expect(await recover()).toEqual(NOTHING);
    expect(await world.check()).toEqual([]);
  });

  it('makes a whole manifest visible that nobody had published, once (T-10)', async () => {
    await world.take();
    world.change({ 'pool/a': 'a2', 'pool/c': 'c' });
    const id = await orphan();
    expect(await recover()).toEqual({ ...NOTHING, adopted: [id] });
    expect(await world.snapshots.find(DEBIAN, id)).toMatchObject({
      sequence: 2,
      state: 'complete',
      changes: { added: 1, changed: 1 },
    });
    expect(await recover()).toEqual(NOTHING);
    expect(await world.check()).toEqual([]);
  });

  it('removes the empty folder of a manifest that was not written any more, and none in which something is (I-15)', async () => {
    await world.take();
    const [empty, filled, nested] = ['20260101T000000Z', '20260102T000000Z', '20260103T000000Z'].map(
      (id) => `${world.root}/snapshots/debian/${id}`,
    ) as [string, string, string];
    for (const folder of [empty, filled, `${nested}/pool`]) fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(`${filled}/package`, 'by hand');
    expect(await recover()).toEqual(NOTHING);
    expect([empty, filled, `${nested}/pool`].map((folder) => fs.existsSync(folder))).toEqual([false, true, true]);
  });

  it('leaves it held when a check had held it', async () => {
    await world.take();
    world.change({ pool: undefined, large: undefined });
    const id = await orphan();
    await recover();
    expect(await world.snapshots.find(DEBIAN, id)).toMatchObject({
      state: 'held',
      note: expect.stringContaining('75 %') as string,
    });
  });

  it('brings back what an older copy of the database does not know, in order (T-39)', async () => {
    const taken = [];
    for (const version of ['1', '2', '3']) {
      world.change({ Packages: version });
      taken.push(await world.take());
    }
    const { InMemorySnapshotStore } = await import('../testing/in-memory-snapshot-store.js');
    const fresh = new InMemorySnapshotStore(undefined, world.clock);
    const recovery = new RecoverSnapshots(
      world.disk,
      { snapshots: fresh, catalog: fresh.catalog },
      world.clock,
      silentLog,
    );
    const { adopted } = await recovery.run({ repository: DEBIAN, fence: await world.fence(), act: BY_TEST });
    expect(adopted).toEqual(taken.map(({ id }) => id));
    expect((await fresh.list(DEBIAN)).map(({ stateSince: _, ...row }) => row)).toEqual(taken);
  });

  it.each(['it is torn', 'another one has taken its place'])(
    'removes a manifest when %s, but not before two hours',
    async (why) => {
      await world.take();
      world.change({ 'pool/c': 'only in the orphan' });
      const id = await orphan();
      if (why === 'it is torn') fs.truncateSync(world.manifestPath(id), 300);
      if (why.startsWith('another')) await world.take();
      world.clock.set(new Date());
      expect(await recover()).toEqual(NOTHING);
      expect(fs.existsSync(world.manifestPath(id))).toBe(true);
      world.clock.advance(2 * HOUR + 1_000);
      expect(await recover()).toEqual({ ...NOTHING, removed: [id] });
      expect(await world.check()).toEqual([]);
    },
  );

  it('keeps a whole manifest whose content is missing, until that is there again (T-39)', async () => {
    await world.take();
    world.change({ 'pool/c': 'only in the orphan' });
    const id = await orphan();
    const { 'pool/c': sha } = await world.listed({ repository: DEBIAN, id });
    fs.renameSync(world.blobPath(sha as never), `${world.root}/blob`);
    world.clock.set(new Date(Date.now() + 3 * HOUR));
    expect(await recover()).toEqual(NOTHING);
    fs.renameSync(`${world.root}/blob`, world.blobPath(sha as never));
    expect(await recover()).toEqual({ ...NOTHING, adopted: [id] });
  });

  describe('of a snapshot that is on the disk again', () => {
    let taken: NewSnapshot[];
    const folder = (id: string) => `${world.root}/snapshots/debian/${id}`;
    const putAway = (id: string) => fs.cpSync(folder(id), `${world.root}/away-${id}`, { recursive: true });
    const putBack = (id: string) => {
      fs.cpSync(`${world.root}/away-${id}`, folder(id), { recursive: true });
      fs.utimesSync(world.manifestPath(id), 0, 0);
      fs.rmSync(`${world.root}/away-${id}`, { recursive: true });
    };
    const reconcile = async () =>
      new ReconcileSnapshots(world.disk, world.snapshots, world.clock, silentLog).run(
        await getRepository(world.repositories, DEBIAN),
        BY_TEST,
      );

    beforeEach(async () => {
      await world.register();
      taken = [];
      for (const version of ['1', '2', '3']) {
        world.change({ Packages: version });
        taken.push(await world.take());
      }
    });

    it('admits it in its own place when it had vanished, and a freeze to it holds again (I-11, T-39)', async () => {
      const [first, second, third] = taken.map(({ id }) => id) as unknown as readonly [string, string, string];
      await world.freeze(snapshotId(second));
      for (const id of [second, third]) putAway(id);
      for (const id of [second, third]) fs.rmSync(folder(id), { recursive: true });
      expect(await reconcile()).toEqual([second, third]);
      world.change({ Packages: '4' });
      const { id: fourth } = await world.take();
      for (const id of [second, third]) putBack(id);
      expect(await recover()).toEqual({ ...NOTHING, adopted: [second, third] });
      expect(await recover()).toEqual(NOTHING);
      expect(Object.keys(await world.states())).toEqual([first, second, third, fourth]);
      const repository = await getRepository(world.repositories, DEBIAN);
      expect(stableSnapshot(await world.snapshots.list(DEBIAN), repository, world.clock.now())).toMatchObject({
        snapshot: { id: second },
        reason: 'frozen',
        lostFreeze: undefined,
      });
      expect(await world.check()).toEqual([]);
      fs.rmSync(folder(third), { recursive: true });
      expect(await reconcile()).toEqual([third]); // the disk has had it once more
    });

    it('removes it when it had been removed on purpose', async () => {
      const [first] = taken as [NewSnapshot];
      putAway(first.id);
      const [row] = await world.snapshots.list(DEBIAN);
      if (row) await removeSnapshot(world.disk, world.snapshots, row, BY_TEST);
      putBack(first.id);
      expect(await recover()).toEqual({ ...NOTHING, removed: [first.id] });
      expect(await world.check()).toEqual([]);
    });

    it('keeps the notes of what the disk had for as long as an older database might be put back', async () => {
      const [first] = taken as [NewSnapshot];
      const [row] = await world.snapshots.list(DEBIAN);
      if (row) await removeSnapshot(world.disk, world.snapshots, row, BY_TEST);
      const notes = () => fs.readdirSync(folder('.noted'));
      world.clock.set(new Date(Date.now() + 99 * DAY));
      await recover();
      expect(notes()).toHaveLength(3);
      world.clock.set(new Date(Date.now() + 101 * DAY));
      await recover();
      expect(notes()).toEqual(taken.slice(1).map(({ id }) => id));
      expect(notes()).not.toContain(first.id);
    });

    it('removes nothing from a disk that is older than the database (T-39)', async () => {
      const [first] = taken as [NewSnapshot];
      const [row] = await world.snapshots.list(DEBIAN);
      putAway(first.id);
      if (row) await removeSnapshot(world.disk, world.snapshots, row, BY_TEST);
      putBack(first.id);
      const { id } = await world.take();
      fs.rmSync(folder(id), { recursive: true });
      fs.rmSync(folder(`.noted/${id}`));
      expect(await recover()).toEqual(NOTHING);
      expect(fs.existsSync(world.manifestPath(first.id))).toBe(true);
    });
  });

  it('leaves directories alone that an operator made', async () => {
    await world.take();
    for (const name of ['20250101T000000Z', 'by-hand']) {
      fs.mkdirSync(`${world.root}/snapshots/debian/${name}`);
      fs.writeFileSync(`${world.root}/snapshots/debian/${name}/file`, 'mine');
    }
    world.clock.advance(1_000 * HOUR);
    expect(await recover()).toEqual(NOTHING);
    expect(fs.readFileSync(`${world.root}/snapshots/debian/20250101T000000Z/file`, 'utf8')).toBe('mine');
  });

  it('finishes a deletion that was cut off (T-13)', async () => {
    const { id } = await world.take();
    await world.take();
    await world.snapshots.move(DEBIAN, id, 'complete', 'removing', BY_TEST);
    expect(await recover()).toEqual({ ...NOTHING, finished: [id] });
    expect(await world.check()).toEqual([]);
  });

  it('sweeps the work areas of dead attempts only', async () => {
    for (const attempt of ['dead', 'alive']) {
      fs.mkdirSync(`${world.root}/staging/${attempt}`);
      fs.writeFileSync(`${world.root}/staging/${attempt}/1`, 'half a blob');
    }
    await world.leases.acquire('blobs:write:alive', 'alive', 60_000);
    expect(await new SweepStaging(world.disk, world.leases).run()).toEqual(['dead']);
    expect(fs.readdirSync(`${world.root}/staging`)).toEqual(['alive']);
  });

  it('believes nothing while the disk has no marker', async () => {
    const { id } = await world.take();
    await world.snapshots.move(DEBIAN, id, 'complete', 'removing', BY_TEST);
    fs.mkdirSync(`${world.root}/staging/dead`);
    fs.rmSync(`${world.root}/.parceler-disk`);
    expect(await recover()).toEqual(NOTHING);
    expect(fs.readdirSync(`${world.root}/staging`)).toEqual(['dead']);
    expect(fs.existsSync(world.manifestPath(id))).toBe(true);
  });

  /** The process dies at a call of the disk: neither that call nor any later one, of cleaning up, gets through. */
  const dies = async (work: (disk: FailingDisk) => Promise<unknown>, nth: number, kind: 'before' | 'after') => {
    const disk = failingDisk(world.disk, 'any', nth, { kind, sticky: true });
    await work(disk).catch(() => undefined);
    return disk.failed;
  };
  const settle = async () => {
    await recover();
    const states = await world.states();
    expect(await recover()).toMatchObject({ adopted: [], finished: [] });
    expect(await world.states()).toEqual(states);
    // What is not adopted goes after two hours.
    world.clock.set(new Date(Date.now() + 3 * HOUR));
    await recover();
    expect(await world.check()).toEqual([]);
  };

  it.each(['before', 'after'] as const)(
    'settles a sync that died %s any call of the disk, and a recovery that did (I-01, I-15, I-25)',
    async (kind) => {
      await world.take();
      for (let nth = 1, died = true; died; nth += 1) {
        world.change({ Packages: `index ${String(nth)}` });
        died = await dies((disk) => world.take({ disk }), nth, kind);
        for (let step = 1; await dies((disk) => recover(disk), step, kind); step += 1) {
          expect(await world.check({ quiet: false })).toEqual([]);
        }
        await settle();
      }
    },
  );

  it.each(['before', 'after'] as const)('settles a deletion that died %s any call of the disk (T-13)', async (kind) => {
    for (let nth = 1, died = true; died; nth += 1) {
      await world.take();
      const [oldest] = await world.snapshots.list(DEBIAN);
      if (oldest === undefined) throw new Error('there is no snapshot');
      await world.take();
      died = await dies((disk) => removeSnapshot(disk, world.snapshots, oldest, BY_TEST), nth, kind);
      expect(await world.check({ quiet: false })).toEqual([]);
      await settle();
      expect(Object.keys(await world.states())).not.toContain(oldest.id);
    }
  });

  it.each<FailingFunction>(['openSync', 'writeSync', 'fsync', 'renameSync', 'mkdirSync', 'fsyncSync'])(
    'settles a sync that died at any %s (T-04, T-05)',
    async (call) => {
      await world.take();
      for (let nth = 1, died = true; died; nth += 1) {
        world.change({ Packages: `index ${String(nth)}`, 'pool/new': `new ${String(nth)}` });
        const fault = failingCall(
          call,
          nth,
          'EIO',
          (path) => typeof path === 'number' || !String(path).includes('/source/'),
        );
        await world.take({ disk: failingDisk(world.disk, 'removeAll', 1, { sticky: true }) }).catch(() => undefined);
        jest.restoreAllMocks();
        died = fault.failed;
        expect(await world.check({ quiet: false })).toEqual([]);
        await settle();
      }
    },
  );

  it('keeps the files of a directory whose adoption failed', async () => {
    fs.mkdirSync(`${world.root}/snapshots/debian/20250101T000000Z`, { recursive: true });
    fs.writeFileSync(`${world.root}/snapshots/debian/20250101T000000Z/file`, 'mine');
    const { snapshotsOf } = await import('#libs/storage/layout.js');
    const directories = new LocalSource(world.root, new CopyToBlobs(world.root), snapshotsOf);
    world.snapshots.beforeNext('publish', () => Promise.reject(new Error('no')));
    const adopt = new AdoptDirectory(world.disk, directories, world.index, world.leases, world.clock);
    const request = {
      repository: DEBIAN,
      directory: '20250101T000000Z',
      attempt: 'a',
      fence: await world.fence(),
      act: BY_TEST,
    };
    await expect(adopt.run({ ...request, signal: new AbortController().signal })).rejects.toThrow('no');
    expect(fs.readdirSync(`${world.root}/snapshots/debian/20250101T000000Z`)).toEqual(['file']);
  });
});
