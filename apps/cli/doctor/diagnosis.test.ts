import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { type InjectionToken } from '@nestjs/common';

import { AppError } from '#libs/kernel/errors.js';
import { DescribeRepositories } from '#libs/releases/describe-repositories.js';
import { PACKAGE_CATALOG } from '#libs/snapshots/packages/package-catalog.js';
import { type NewSnapshot } from '#libs/snapshots/snapshot.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '#libs/snapshots/testing/snapshot-world.js';
import { DISK_MEMORY } from '#libs/storage/disk-memory.js';
import { DISK, type Disk } from '#libs/storage/disk.js';
import { failingDisk } from '#libs/storage/testing/failing-disk.js';
import { FindStaleRepositories } from '#libs/syncing/schedule/find-stale-repositories.js';
import { InMemoryRunStore } from '#libs/syncing/testing/in-memory-run-store.js';

import { checkDisk } from './check-disk.js';
import { checkIndexes } from './check-indexes.js';
import { checkManifests } from './check-manifests.js';
import { checkRepositories } from './check-repositories.js';
import { type Check } from './finding.js';

describe('what doctor finds', () => {
  let world: SnapshotWorld;
  let runs: InMemoryRunStore;
  let snapshot: NewSnapshot;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    runs = new InMemoryRunStore();
    await world.register();
    world.change({ a: 'a' });
  });
  afterEach(() => {
    world.remove();
  });

  const find = (check: Check, disk: Disk = world.disk) => {
    const { repositories, snapshots, clock } = world;
    const things = new Map<unknown, unknown>([
      [DISK, disk],
      [DISK_MEMORY, { recall: async () => 'f00' }],
      [DescribeRepositories, new DescribeRepositories(repositories, snapshots, runs, clock)],
      [PACKAGE_CATALOG, world.packages],
      [FindStaleRepositories, new FindStaleRepositories(repositories, snapshots, TIMES, clock)],
    ]);
    return check(async <T>(token: InjectionToken<T>) => things.get(token) as T);
  };
  const lastRun = async (errorCode?: string): Promise<void> => {
    const at = world.clock.now();
    const requested = await runs.request({ kind: 'sync', repository: DEBIAN, at, act: BY_TEST });
    const outcome = errorCode === undefined ? { state: 'succeeded' as const } : { state: 'failed' as const, errorCode };
    await runs.finish({ id: requested?.run.id ?? 0 }, { ...outcome, at });
  };

  it('of a repository that is well: nothing', async () => {
    await world.take();
    await lastRun();
    for (const check of [checkRepositories, checkManifests, checkIndexes]) expect(await find(check)).toEqual([]);
  });

  it('of an index that cannot be read: a warning, until a snapshot has a good one', async () => {
    world.change({ 'feed/Packages': '<html>' });
    const { id } = await world.take();
    const [finding, ...others] = await find(checkIndexes);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'warning', about: 'repository debian' });
    expect(finding?.finding).toContain(`in snapshot ${id} cannot be read: feed/Packages has an entry without a name`);
    world.change({ 'feed/Packages': '' });
    await world.take();
    expect(await find(checkIndexes)).toEqual([]);
  });

  describe('of a snapshot that is not served', () => {
    beforeEach(async () => {
      snapshot = await world.take();
      await world.take();
    });

    it('damage is a problem, and the way out brings the content back', async () => {
      await world.snapshots.move(DEBIAN, snapshot.id, 'complete', 'damaged', { ...BY_TEST, note: 'Gone.' });
      const [finding, ...others] = await find(checkRepositories);
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ severity: 'problem', finding: `Snapshot ${snapshot.id} is damaged: Gone.` });
      for (const command of [
        `snapshot:verify debian ${snapshot.id}`,
        'repository:sync debian --wait',
        `snapshot:delete debian ${snapshot.id}`,
      ]) {
        expect(finding?.wayOut).toContain(command);
      }
    });

    it('one that is held is a warning, and names what makes a good one', async () => {
      world.change({ a: undefined });
      const { id } = await world.take();
      expect(await find(checkRepositories)).toMatchObject([
        {
          severity: 'warning',
          wayOut: expect.stringMatching(`repository:sync debian --wait.*snapshot:delete debian ${id}`),
        },
      ]);
    });
  });

  describe('of a repository that serves nothing', () => {
    it('that it has not been synced yet', async () => {
      expect(await find(checkRepositories)).toMatchObject([
        { severity: 'warning', about: 'repository debian', wayOut: 'repository:sync debian --wait' },
      ]);
    });

    it('that it was never synced well, and by which run', async () => {
      await lastRun('SYNC_FAILED');
      expect(await find(checkRepositories)).toMatchObject([
        {
          severity: 'problem',
          finding: expect.stringContaining('its last run 1 is failed: SYNC_FAILED') as string,
          wayOut: expect.stringContaining('run:log 1') as string,
        },
      ]);
    });

    it('that what it had is gone', async () => {
      snapshot = await world.take();
      await lastRun();
      await world.snapshots.move(DEBIAN, snapshot.id, 'complete', 'superseded', BY_TEST);
      expect(await find(checkRepositories)).toMatchObject([
        { severity: 'problem', finding: 'It has no snapshot that could be served.' },
      ]);
    });
  });

  describe('of the disk', () => {
    it('that it is gone, once, and nothing of what is on it (T-38)', async () => {
      await world.take();
      rmSync(world.root, { recursive: true });
      const marker = join(world.root, '.parceler-disk');
      expect(await find(checkDisk)).toEqual([
        {
          severity: 'problem',
          about: 'disk',
          finding: `The disk is not mounted, or not ours: ${marker} is missing.`,
          wayOut: `Mount the volume of the storage folder, then start Parceler again. If it is mounted, put back ${marker}, which holds {"id": "f00"}.`,
        },
      ]);
      expect(await find(checkManifests)).toEqual([]);
    });

    it('that a manifest is gone', async () => {
      snapshot = await world.take();
      rmSync(world.manifestPath(snapshot.id));
      expect(await find(checkManifests)).toMatchObject([
        { severity: 'problem', finding: `The manifest of snapshot ${snapshot.id} is gone.` },
      ]);
    });

    it('that it never had a snapshot, since it is an older one (T-39)', async () => {
      snapshot = await world.take();
      rmSync(join(world.root, 'snapshots'), { recursive: true });
      expect(await find(checkManifests)).toMatchObject([
        {
          severity: 'problem',
          finding: `The disk never had snapshot ${snapshot.id}.`,
          wayOut: expect.stringContaining(`snapshot:delete debian ${snapshot.id} --force`) as string,
        },
      ]);
    });

    it('that a manifest cannot be read', async () => {
      snapshot = await world.take();
      truncateSync(world.manifestPath(snapshot.id), 100);
      expect(await find(checkManifests)).toMatchObject([
        {
          severity: 'problem',
          finding: expect.stringContaining(`manifest of snapshot ${snapshot.id} is no good`) as string,
        },
      ]);
    });

    it('that what is on it belongs to somebody else, and to whom; the others are looked at all the same', async () => {
      await world.take();
      await world.take();
      const cause = Object.assign(new Error('EACCES'), { code: 'EACCES' });
      const error = new AppError('unavailable', 'DISK_FAILED', 'Cannot look at it: permission is denied.', { cause });
      const disk = failingDisk(world.disk, 'stat', 2, { kind: 'before', error }); // the first is for the marker
      expect(await find(checkManifests, disk as Disk)).toMatchObject([
        {
          severity: 'problem',
          about: 'repository debian',
          finding: expect.stringMatching(
            /denied\. .*manifest\.jsonl\.gz or a folder above it belongs to \S+, and this is \S+\.$/,
          ) as string,
          wayOut: expect.stringContaining('chown -R') as string,
        },
      ]);
    });
  });
});

const TIMES = { schedule: '0 0 * * *', timezone: 'UTC' };
