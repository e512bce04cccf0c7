import { DAY } from '#libs/kernel/duration.js';
import { type SnapshotId } from '#libs/kernel/ids.js';
import { DEBIAN, SnapshotWorld, type Tree } from '#libs/snapshots/testing/snapshot-world.js';

import { DiffSnapshots } from './diff-snapshots.js';
import { FindPackages, type PackagesSought } from './find-packages.js';

const index = (...texts: readonly string[]): string =>
  texts
    .map((text) => text.split(' '))
    .map(
      ([name = '', version = '', file = `${name}_${version}.ipk`]) =>
        `Package: ${name}\nVersion: ${version}\nArchitecture: all\nFilename: ${file}\n\n`,
    )
    .join('');

describe('packages in snapshots', () => {
  let world: SnapshotWorld;
  let ids: SnapshotId[];
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    await world.register();
    ids = [];
  });
  afterEach(() => world.remove());

  /** Days after the last one. */
  const take = async (tree: Tree, days = 0) => {
    world.clock.advance(days * DAY);
    world.change(tree);
    ids.push((await world.take()).id);
  };
  const catalogs = () => ({ files: world.snapshots.catalog, packages: world.packages });

  describe('DiffSnapshots', () => {
    const diff = async (from: number | string, to: number | string = 'newest') => {
      const named = (snapshot: number | string) =>
        typeof snapshot === 'string' ? snapshot : (ids[snapshot - 1] ?? '');
      const use = new DiffSnapshots(world.repositories, world.snapshots, catalogs(), world.clock);
      const found = await use.run({ name: DEBIAN, from: named(from), to: named(to) });
      const told: string[] = [];
      for await (const change of found.changes) {
        told.push(
          'path' in change
            ? `${change.kind} ${change.path}`
            : [change.kind, change.name, change.from ?? '-', change.to ?? '-', ...change.indexes].join(' '),
        );
      }
      return { told, unread: found.unread.map(({ index: path }) => path), ends: [found.from.id, found.to.id] };
    };

    it('tells upgrades from downgrades, and what came and went, of packages and of other files', async () => {
      await take({
        Packages: index('up 1.9', 'down 2.0', 'goes 1', 'same 1', 'back 1~1'),
        'up_1.9.ipk': '1',
        readme: 'a',
        notes: 'n',
      });
      await take({
        Packages: index('up 1.10', 'down 1.9', 'comes 1', 'same 1', 'back 1'),
        'up_1.9.ipk': undefined,
        'up_1.10.ipk': '2',
        readme: 'b',
        notes: undefined,
        news: 'c',
      });
      expect((await diff(1, 2)).told).toEqual([
        'upgraded back 1~1 1 Packages',
        'added comes - 1 Packages',
        'downgraded down 2.0 1.9 Packages',
        'removed goes 1 - Packages',
        'upgraded up 1.9 1.10 Packages',
        'file-added news',
        'file-removed notes',
        'file-changed readme',
      ]);
      expect((await diff(2, 1)).told).toContain('upgraded down 1.9 2.0 Packages');
      expect((await diff(2, 2)).told).toEqual([]);
    });

    it('says once what several indexes say', async () => {
      const at = (arch: string) => `dists/stable/main/binary-${arch}/Packages`;
      await take({ [at('amd64')]: index('a 1'), [at('arm64')]: index('a 1'), 'dists/stable/Release': '1' });
      await take({ [at('amd64')]: index('a 2'), [at('arm64')]: index('a 2'), 'dists/stable/Release': '2' });
      expect((await diff(1)).told).toEqual([`upgraded a 1 2 ${at('amd64')} ${at('arm64')}`]);
    });

    it('tells a package that was built anew under its old version', async () => {
      await take({ Packages: index('a 1', 'b 1 b.ipk'), 'a_1.ipk': 'one', 'b.ipk': 'one' });
      await take({ Packages: `${index('a 1', 'b 2 b.ipk')}\n`, 'a_1.ipk': 'two', 'b.ipk': 'two' });
      expect((await diff(1)).told).toEqual(['upgraded b 1 2 Packages', 'rebuilt a 1 1 Packages']);
    });

    it('tells a file that appears or vanishes while its index goes on naming it', async () => {
      await take({ Packages: index('a 1', 'b 1'), 'a_1.ipk': 'one' });
      await take({ 'a_1.ipk': undefined, 'b_1.ipk': 'one' });
      expect((await diff(1)).told).toEqual(['file-removed a_1.ipk', 'file-added b_1.ipk']);
    });

    it('falls back to files where an index cannot be read, and says so', async () => {
      await take({ 'x/Packages': index('a 1'), 'x/a_1.ipk': '1' });
      await take({ 'x/Packages': '<html>', 'x/a_1.ipk': undefined, 'x/a_2.ipk': '2' });
      await take({ 'x/Packages': '<html></html>', 'x/a_3.ipk': '3' });
      expect(await diff(2, 3)).toMatchObject({ told: ['file-added x/a_3.ipk'], unread: ['x/Packages'] });
    });

    it('knows what is served, and the newest one', async () => {
      await take({ Packages: index('a 1') });
      await take({ Packages: index('a 2') });
      await world.freeze(ids[0] as SnapshotId);
      expect((await diff('served', 'newest')).ends).toEqual(ids);
      expect((await diff('newest', 'served')).told).toEqual(['downgraded a 2 1 Packages']);
      await expect(diff('20010101T000000Z')).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
      await expect(diff('latest')).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    });

    it('says that nothing is served', async () => {
      await expect(diff('served')).rejects.toMatchObject({ code: 'NOTHING_SERVED' });
      await expect(diff('newest')).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    });
  });

  describe('FindPackages', () => {
    const find = async (sought: PackagesSought) => {
      const use = new FindPackages(world.repositories, world.snapshots, world.packages, world.clock);
      const told: string[] = [];
      const now = world.clock.now().getTime();
      const days = (at: Date) => String(Math.round((now - at.getTime()) / DAY));
      for await (const { packages } of use.run(sought)) {
        for await (const { name, version, snapshot, served } of packages) {
          const periods = served.map(({ from, until }) => `${days(from)}..${until ? days(until) : ''}`);
          told.push([name, version, `#${String(snapshot.sequence)}`, ...periods].join(' '));
        }
      }
      return told;
    };

    it('names every snapshot that has a package, and when each was, is and will be served', async () => {
      await world.repositories.update(DEBIAN, { delay: 7 }, world.clock.now());
      await take({ Packages: index('a 1', 'b 1') });
      await take({ Packages: index('a 2', 'b 1') }, 5);
      await take({ Packages: index('a 2', 'b 2') }, 5);
      await take({ Packages: index('a 3', 'b 2') }, 1);
      expect(await find({ name: 'a' })).toEqual(['a 1 #1 11..4', 'a 2 #2 4..-1', 'a 2 #3 -1..-6', 'a 3 #4 -6..']);
      expect(await find({ name: 'a', version: '2' })).toEqual(['a 2 #2 4..-1', 'a 2 #3 -1..-6']);
      expect(await find({ name: 'b', version: '1', repository: DEBIAN })).toHaveLength(2);
      expect(await find({ name: 'c' })).toEqual([]);
      expect(await find({ name: 'a', version: '4' })).toEqual([]);
    });

    it('takes patterns', async () => {
      await take({ Packages: index('liba 1', 'libb 2', 'c 3') });
      expect(await find({ name: 'lib*' })).toEqual(['liba 1 #1 0..', 'libb 2 #1 0..']);
      expect(await find({ name: '*', version: '3' })).toEqual(['c 3 #1 0..']);
      expect(await find({ name: 'lib' })).toEqual([]);
    });

    it('names a package once that several indexes name', async () => {
      await take({
        'dists/s/main/binary-amd64/Packages': index('a 1'),
        'dists/s/main/binary-arm64/Packages': index('a 1'),
      });
      expect(await find({ name: 'a' })).toEqual(['a 1 #1 0..']);
    });

    it('says where it could not look', async () => {
      await take({ 'x/Packages': index('a 1') });
      await take({ 'x/Packages': '<html>' });
      await take({ 'x/Packages': index('a 1') });
      const use = new FindPackages(world.repositories, world.snapshots, world.packages, world.clock);
      for await (const { unread } of use.run({ name: 'a' })) {
        expect(unread.map((one) => [one.index, one.snapshots.map(({ id }) => id)])).toEqual([['x/Packages', [ids[1]]]]);
      }
      expect.assertions(1);
    });

    it('wants a repository that there is', async () => {
      const name = 'other' as typeof DEBIAN;
      await expect(find({ name: 'a', repository: name })).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    });
  });
});
