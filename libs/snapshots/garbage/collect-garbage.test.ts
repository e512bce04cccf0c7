import { createHash } from 'node:crypto';
import fs from 'node:fs';

import fc from 'fast-check';

import { DAY, HOUR } from '#libs/kernel/duration.js';
import { LONGEST_LEASE } from '#libs/persistence/lease.js';
import { type Disk } from '#libs/storage/disk.js';
import { type Sha256 } from '#libs/storage/layout.js';
import { failingDisk } from '#libs/storage/testing/failing-disk.js';

import { unpackBlock } from '../manifest/block.js';
import { parseManifest } from '../manifest/read-manifest.js';
import { ManifestDraft } from '../manifest/write-manifest.js';
import { removeSnapshot } from '../removal/remove-snapshot.js';
import { type NewSnapshot } from '../snapshot.js';
import { InMemoryGarbageMarks } from '../testing/in-memory-garbage-marks.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '../testing/snapshot-world.js';
import { CollectGarbage, type Garbage } from './collect-garbage.js';
import { HashSet } from './hash-set.js';

const sha = (content: string): Sha256 => createHash('sha256').update(content).digest('hex') as Sha256;

describe('CollectGarbage', () => {
  let world: SnapshotWorld;
  let marks: InMemoryGarbageMarks;
  let first: NewSnapshot;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    marks = new InMemoryGarbageMarks();
    world.change({ shared: 'shared', changing: 'one' });
    first = await world.take();
    world.change({ changing: 'two' });
    await world.take();
    await remove(first);
    // Blobs are stamped by the machine's clock, which the collector's is compared with.
    world.clock.set(new Date(Date.now() + 2 * DAY));
  });
  afterEach(() => {
    world.remove();
  });

  const remove = async ({ id }: NewSnapshot) => {
    const snapshot = await world.snapshots.find(DEBIAN, id);
    if (snapshot) await removeSnapshot(world.disk, world.snapshots, snapshot, BY_TEST);
  };
  const collect = async (options: { readonly dryRun?: boolean; readonly disk?: Disk } = {}) => {
    const found: Garbage[] = [];
    const { dryRun = false, disk = world.disk } = options;
    const collected = await new CollectGarbage(disk, marks, world.leases, world.clock, world.index).run({
      dryRun,
      owner: 'test',
      signal: new AbortController().signal,
      onGarbage: (garbage) => found.push(garbage),
    });
    return { ...collected, found };
  };
  const blobsOf = (...contents: readonly string[]) => contents.map(sha).sort();
  const some = (verdict: Garbage['verdict']) => [{ blob: sha('one'), bytes: 3, verdict }];

  it('marks in one collection and removes in the next, and never what a manifest lists', async () => {
    expect(await collect()).toMatchObject({
      complete: true,
      needed: { blobs: 2, bytes: 9 },
      marked: { blobs: 1, bytes: 3 },
      removed: { blobs: 0, bytes: 0 },
      found: some('marked'),
    });
    expect([...world.blobs()].sort()).toEqual(blobsOf('shared', 'one', 'two'));
    expect((await collect()).found).toEqual(some('removed'));
    expect([...world.blobs()].sort()).toEqual(blobsOf('shared', 'two'));
    expect((await collect()).found).toEqual([]);
    expect(await world.check()).toEqual([]);
  });

  it('changes nothing in a dry run, and says what it would do', async () => {
    expect((await collect({ dryRun: true })).found).toEqual(some('marked'));
    expect((await collect({ dryRun: true })).found).toEqual(some('marked'));
    await collect();
    expect((await collect({ dryRun: true })).found).toEqual(some('removed'));
    expect(world.blobs()).toHaveLength(3);
  });

  it('leaves alone what is not a day old', async () => {
    world.clock.set(new Date(Date.now() + DAY - HOUR));
    expect((await collect()).found).toEqual(some('young'));
    expect((await collect()).found).toEqual(some('young'));
    expect(world.blobs()).toHaveLength(3);
  });

  it('forgets its mark when a blob is needed again, or was taken over', async () => {
    await collect();
    world.change({ changing: 'one' });
    const third = await world.take();
    world.clock.set(new Date(Date.now() + 4 * DAY));
    expect((await collect()).found).toEqual([]);
    await remove(third);
    expect((await collect()).found).toEqual(some('marked'));
    fs.utimesSync(world.blobPath(sha('one')), world.clock.now(), world.clock.now());
    expect((await collect()).found).toEqual(some('young'));
    world.clock.advance(2 * DAY);
    expect((await collect()).found).toEqual(some('marked'));
    expect(world.blobs()).toHaveLength(3);
  });

  it('does not remove a blob that was taken over since it looked (I-01)', async () => {
    await collect();
    const blob = world.blobPath(sha('one'));
    const disk: Disk = Object.create(world.disk, {
      stat: {
        value: (key: Parameters<Disk['stat']>[0]) => {
          if (key.endsWith(sha('one'))) fs.utimesSync(blob, world.clock.now(), world.clock.now());
          return world.disk.stat(key);
        },
      },
    }) as Disk;
    await collect({ disk });
    expect(fs.existsSync(blob)).toBe(true);
  });

  it('counts manifests that the index does not know (yet)', async () => {
    const [only] = await world.snapshots.list(DEBIAN);
    await world.snapshots.move(DEBIAN, only?.id ?? first.id, 'complete', 'removing', BY_TEST);
    await world.snapshots.forget(DEBIAN, only?.id ?? first.id);
    await collect();
    await collect();
    expect([...world.blobs()].sort()).toEqual(blobsOf('shared', 'two'));
  });

  describe('when a manifest cannot be read, keeps what it needs, goes on, and says which one', () => {
    let only: NewSnapshot;
    beforeEach(async () => {
      [only] = (await world.snapshots.list(DEBIAN)) as unknown as readonly [NewSnapshot];
    });
    const collectTwice = async () => {
      await collect();
      const { unreadable } = await collect();
      expect([...world.blobs()].sort()).toEqual(blobsOf('shared', 'two'));
      return unreadable;
    };

    it('since it is torn, but the catalog knows its list', async () => {
      fs.truncateSync(world.manifestPath(only.id), 200);
      expect(await collectTwice()).toMatchObject([
        { repository: DEBIAN, id: only.id, because: expect.stringContaining(only.id) as string },
      ]);
    });

    it.each([true, false])(
      'since a line of it is none of ours, whether the index knows it (%s) or not',
      async (known) => {
        const { header, blocks } = parseManifest(fs.readFileSync(world.manifestPath(only.id)));
        const draft = new ManifestDraft();
        const text = blocks.map(unpackBlock).join('');
        draft.addLines(text.replaceAll(/"mtime":\d+/g, '"mtime":9100000000000000'), header);
        fs.writeFileSync(world.manifestPath(only.id), draft.seal(header).bytes);
        if (!known) {
          await world.snapshots.move(DEBIAN, only.id, 'complete', 'removing', BY_TEST);
          await world.snapshots.forget(DEBIAN, only.id);
        }
        await collectTwice();
      },
    );
  });

  it('refuses when a manifest is torn that is no snapshot: nobody knows what it needs', async () => {
    await collect();
    const [only] = await world.snapshots.list(DEBIAN);
    fs.truncateSync(world.manifestPath(only?.id ?? ''), 200);
    await world.snapshots.move(DEBIAN, only?.id ?? first.id, 'complete', 'removing', BY_TEST);
    await world.snapshots.forget(DEBIAN, only?.id ?? first.id);
    await expect(collect()).rejects.toMatchObject({
      code: 'MANIFEST_REFUSED',
      message: expect.stringContaining(only?.id ?? '') as string,
    });
    expect(world.blobs()).toHaveLength(3);
  });

  it('refuses while the disk is not mounted', async () => {
    fs.rmSync(`${world.root}/.parceler-disk`);
    await expect(collect()).rejects.toMatchObject({ code: 'DISK_NOT_MARKED' });
  });

  it.each(['blobs:write:run-7', 'blobs:collect'])('refuses while somebody holds "%s"', async (lease) => {
    await world.leases.acquire(lease, 'somebody', LONGEST_LEASE);
    await expect(collect()).rejects.toMatchObject({ code: 'BLOBS_BUSY' });
    expect((await collect({ dryRun: true })).found).toEqual(some('marked'));
    expect(await world.leases.holder(lease)).toMatchObject({ owner: 'somebody' });
  });

  it('gives way to whoever starts to make blobs', async () => {
    await collect();
    const disk: Disk = Object.create(world.disk, {
      list: {
        value: async function* (prefix: Parameters<Disk['list']>[0]) {
          await world.leases.acquire('blobs:write:late', 'late', LONGEST_LEASE);
          yield* world.disk.list(prefix);
        },
      },
    }) as Disk;
    expect(await collect({ disk })).toMatchObject({ complete: false, found: [] });
    expect(world.blobs()).toHaveLength(3);
  });

  it('leaves what is no blob alone', async () => {
    fs.writeFileSync(`${world.root}/blobs/README`, 'mine');
    await collect();
    await collect();
    expect(fs.readFileSync(`${world.root}/blobs/README`, 'utf8')).toBe('mine');
  });

  it.each(['before', 'after'] as const)('harms nothing when it dies %s any call of the disk (T-14)', async (kind) => {
    await collect();
    for (let nth = 1, failed = true; failed; nth += 1) {
      const disk = failingDisk(world.disk, 'any', nth, { kind, sticky: true });
      await collect({ disk }).catch(() => undefined);
      failed = disk.failed;
      expect(await world.check()).toEqual([]);
    }
    expect([...world.blobs()].sort()).toEqual(blobsOf('shared', 'two'));
  });
});

describe('HashSet', () => {
  it('has all that was added, and practically nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { maxLength: 200 }), (numbers) => {
        const set = new HashSet();
        for (const each of [...numbers, ...numbers]) set.add(sha(String(each)));
        expect(set.size).toBe(numbers.length);
        expect(numbers.every((each) => set.mayHave(sha(String(each))))).toBe(true);
        expect(set.mayHave(sha('something else'))).toBe(false);
      }),
    );
  });

  it('grows', () => {
    const set = new HashSet();
    for (let index = 0; index < 10_000; index += 1) set.add(sha(String(index)));
    expect(set.size).toBe(10_000);
    for (let index = 0; index < 10_000; index += 1) expect(set.mayHave(sha(String(index)))).toBe(true);
    expect(set.mayHave(sha('10000'))).toBe(false);
  });
});
