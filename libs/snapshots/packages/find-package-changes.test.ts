import fs from 'node:fs';
import { gzipSync } from 'node:zlib';

import { AppError } from '#libs/kernel/errors.js';
import { silentLog } from '#libs/observability/log.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { failingDisk } from '#libs/storage/testing/failing-disk.js';

import { ReconcileSnapshots } from '../recovery/reconcile-snapshots.js';
import { RecoverSnapshots } from '../recovery/recover-snapshots.js';
import { BY_TEST, DEBIAN, SnapshotWorld, type Tree } from '../testing/snapshot-world.js';
import { isIn } from './package-catalog.js';

const stanza = (text: string): string => {
  const [name = '', version = ''] = text.split(' ');
  return `Package: ${name}\nVersion: ${version}\nArchitecture: all\nFilename: ${name}_${version}.ipk\n\n`;
};
const index = (...texts: readonly string[]): string => texts.map(stanza).join('');

describe('the packages of a snapshot', () => {
  let world: SnapshotWorld;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    await world.register();
  });
  afterEach(() => world.remove());

  const take = async (tree: Tree) => {
    world.change(tree);
    return (await world.take()).sequence;
  };
  const at = async (sequence: number) => {
    const names: string[] = [];
    for await (const page of world.packages.names(DEBIAN)) names.push(...page);
    const all = await world.packages.versions(DEBIAN, names);
    return all
      .filter((item) => isIn(item, sequence))
      .map((item) => `${item.index}: ${item.name} ${item.version}`)
      .toSorted();
  };
  const unread = async (sequence: number) =>
    (await world.packages.unread(DEBIAN)).filter((span) => isIn(span, sequence)).map(({ reason }) => reason);

  it('are what its indexes name, each index by itself', async () => {
    const first = await take({
      'a/Packages': index('hello 1'),
      'b/Packages.gz': gzipSync(index('motd 1')),
      plain: 'x',
    });
    const second = await take({ 'a/Packages': index('hello 2') });
    const third = await take({ 'b/Packages.gz': undefined, plain: 'y' });
    expect(await at(first)).toEqual(['a/Packages: hello 1', 'b/Packages: motd 1']);
    expect(await at(second)).toEqual(['a/Packages: hello 2', 'b/Packages: motd 1']);
    expect(await at(third)).toEqual(['a/Packages: hello 2']);
  });

  it('are read again when only another form of their index is left', async () => {
    const first = await take({ Packages: index('hello 1'), 'Packages.gz': gzipSync(index('hello 1')) });
    const second = await take({ Packages: undefined });
    expect(await at(second)).toEqual(await at(first));
    const [only] = await world.packages.versions(DEBIAN, ['hello']);
    expect(only).toMatchObject({ addedIn: first, removedIn: undefined, path: 'hello_1.ipk' });
  });

  it('leave no second row when an index names them twice', async () => {
    await take({ Packages: index('hello 1', 'hello 1', 'hello 2') });
    expect(await world.packages.versions(DEBIAN, ['hello'])).toHaveLength(2);
  });

  it('are read by way of files that changed beside their index', async () => {
    const repomd = '<repomd><data type="primary"><location href="repodata/primary.xml"/></data></repomd>';
    const primary = (ver: string) =>
      `<metadata><package><name>hello</name><arch>noarch</arch><version ver="${ver}" rel="1"/></package></metadata>`;
    const first = await take({ 'el9/repodata/repomd.xml': repomd, 'el9/repodata/primary.xml': primary('1') });
    const second = await take({ 'el9/repodata/primary.xml': primary('2') });
    expect(await at(first)).toEqual(['el9/repodata/repomd.xml: hello 1-1']);
    expect(await at(second)).toEqual(['el9/repodata/repomd.xml: hello 2-1']);
  });

  it('are unknown where an index cannot be read, which is told, and keeps no snapshot from being published', async () => {
    const first = await take({ 'a/Packages': index('hello 1'), 'b/Packages': index('motd 1') });
    const second = await take({ 'a/Packages': '<html>Not Found</html>' });
    const third = await take({ plain: 'x' });
    const fourth = await take({ 'a/Packages': index('hello 1') });
    expect(await at(second)).toEqual(['b/Packages: motd 1']);
    expect(await unread(second)).toEqual(['a/Packages has an entry without a name or a version']);
    expect(await unread(third)).toEqual(await unread(second));
    expect(await at(fourth)).toEqual(await at(first));
    expect([await unread(first), await unread(fourth)]).toEqual([[], []]);
    expect(world.log.of('an index of packages cannot be read')[0]).toMatchObject({
      repository: DEBIAN,
      index: 'a/Packages',
    });
  });

  it('are read at the next snapshot when the disk failed, though nothing changed', async () => {
    world.change({ Packages: index('hello 1') });
    const disk = failingDisk(world.disk, 'read', 1);
    const first = await world.take({ packagesFrom: disk });
    expect(await unread(first.sequence)).toHaveLength(1);
    const second = (await world.take()).sequence;
    expect(await unread(second)).toEqual([]);
    expect(await at(second)).toEqual(['Packages: hello 1']);
  });

  const recover = async () => {
    const request = { repository: DEBIAN, fence: await world.fence(), act: BY_TEST };
    return new RecoverSnapshots(world.disk, world.index, world.clock, silentLog).run(request);
  };

  it('come with a snapshot that recovery publishes', async () => {
    await take({ Packages: index('hello 1') });
    world.change({ Packages: index('hello 2') });
    world.snapshots.beforeNext('publish', () => Promise.reject(new AppError('conflict', 'LEASE_LOST', 'paused')));
    await expect(world.take()).rejects.toThrow('paused');
    expect(await at(2)).toEqual(['Packages: hello 1']);
    expect((await recover()).adopted).toHaveLength(1);
    expect(await at(2)).toEqual(['Packages: hello 2']);
  });

  it('come back with a snapshot that had vanished from the disk', async () => {
    const ids: string[] = [];
    for (const version of ['1', '2', '3']) {
      world.change({ Packages: index(`hello ${version}`) });
      ids.push((await world.take()).id);
    }
    const folder = `${world.root}/snapshots/debian/${ids[1] ?? ''}`;
    fs.cpSync(folder, `${world.root}/aside`, { recursive: true, preserveTimestamps: true });
    fs.rmSync(folder, { recursive: true });
    const repository = await getRepository(world.repositories, DEBIAN);
    await new ReconcileSnapshots(world.disk, world.snapshots, world.clock, silentLog).run(repository, BY_TEST);
    world.packages.dropWhatOnlyStandsIn(DEBIAN, 2);
    expect(await at(2)).toEqual([]);
    fs.renameSync(`${world.root}/aside`, folder);
    expect((await recover()).adopted).toEqual([ids[1]]);
    expect(await at(2)).toEqual(['Packages: hello 2']);
    expect(await at(3)).toEqual(['Packages: hello 3']);
  });
});
