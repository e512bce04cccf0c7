import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DAY, MINUTE } from '#libs/kernel/duration.js';
import { silentLog } from '#libs/observability/log.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type S3Disk } from '#libs/storage/adapters/s3/s3-disk.js';
import { blobKey, DISK_MARKER, snapshotsOf, type Sha256 } from '#libs/storage/layout.js';
import { keyPrefix, objectKey, type ObjectKey } from '#libs/storage/object-key.js';
import { keysOf } from '#libs/storage/testing/disk.contract.js';
import { failingDisk } from '#libs/storage/testing/failing-disk.js';
import { newSwiftDisk } from '#libs/storage/testing/swift-disk.js';
import { SwiftServer } from '#libs/storage/testing/swift-server.js';

import { DiskSource } from './adapters/disk/disk-source.js';
import { LocalExport } from './adapters/local/local-export.js';
import { LocalSource } from './adapters/local/local-source.js';
import { SendToBlobs } from './adapters/local/send-to-blobs.js';
import { RepairBlob } from './damage/repair-blob.js';
import { VerifySnapshot } from './damage/verify-snapshot.js';
import { ExportSnapshot } from './export/export-snapshot.js';
import { getSnapshot } from './get-snapshot.js';
import { CollectGarbage, type Collected } from './garbage/collect-garbage.js';
import { filesOf, readManifest } from './manifest/read-manifest.js';
import { AdoptDirectory } from './recovery/adopt-directory.js';
import { ReconcileSnapshots } from './recovery/reconcile-snapshots.js';
import { RecoverSnapshots } from './recovery/recover-snapshots.js';
import { RemoveRepositoryContent } from './removal/remove-repository-content.js';
import { removeSnapshot } from './removal/remove-snapshot.js';
import { type NewSnapshot } from './snapshot.js';
import { InMemoryGarbageMarks } from './testing/in-memory-garbage-marks.js';
import { InMemorySnapshotStore } from './testing/in-memory-snapshot-store.js';
import { BY_TEST, DEBIAN, SnapshotWorld, type Tree } from './testing/snapshot-world.js';

const { signal } = new AbortController();
const large = randomBytes(9_000_000); // of two parts
const TREE: Tree = {
  Packages: 'index 1',
  'pool/a b+c~é.deb': 'odd',
  'pool/copy': 'odd',
  empty: '',
  'pool/large': large,
};

let swift: SwiftServer;
let world: SnapshotWorld;
let disk: S3Disk;
let source: LocalSource;
beforeAll(async () => {
  swift = await SwiftServer.start();
}, 120_000);
beforeEach(async () => {
  world = await SnapshotWorld.make();
  world.clock.set(new Date()); // that of the server, which stamps the objects
  disk = await newSwiftDisk(swift);
  // A minute ahead, so that no file seems to have been touched just now.
  source = new LocalSource(world.root, new SendToBlobs(disk, { now: () => new Date(Date.now() + MINUTE) }));
  await world.register();
  world.change(TREE);
});
afterEach(() => world.remove());
afterAll(() => swift.stop());

const take = (): Promise<NewSnapshot> => world.take({ disk, source });
const blobs = (): Promise<string[]> => keysOf(disk, keyPrefix('blobs'));
const repair = (): RepairBlob => new RepairBlob(disk, source, world.leases);
const verify = (snapshot: NewSnapshot) =>
  new VerifySnapshot(disk, world.index, world.repositories, repair(), world.clock).run({
    ...{ repository: DEBIAN, snapshot: snapshot.id, act: BY_TEST, signal },
  });
const recovery = (index = world.index) => new RecoverSnapshots(disk, index, world.clock, silentLog);
const recover = async (index = world.index) =>
  recovery(index).run({ repository: DEBIAN, fence: await world.fence(), act: BY_TEST });
const listed = async ({ id }: NewSnapshot): Promise<Record<string, Sha256>> => {
  const files = filesOf(await readManifest(disk, DEBIAN, id));
  return Object.fromEntries([...files].map(({ path, sha256 }) => [path, sha256]));
};
const blobOf = async (snapshot: NewSnapshot, path: string): Promise<ObjectKey> =>
  blobKey((await listed(snapshot))[path] ?? ('' as Sha256));

describe('taking a snapshot', () => {
  it('sends each content once, and makes a whole snapshot of them', async () => {
    const first = await take();
    expect(Object.keys(await listed(first))).toEqual(Object.keys(TREE).sort());
    expect(await blobs()).toHaveLength(4);
    expect((await verify(first)).sound).toBe(true);
    expect(await keysOf(disk, keyPrefix('staging'))).toEqual([]);
    expect(readdirSync(join(world.root, 'blobs'))).toEqual([]); // that is where a local disk would have them
  });

  it('sends only what is new the next time', async () => {
    await take();
    world.change({ Packages: 'index 2', 'pool/copy': undefined });
    const before = await blobs();
    const { changes } = await take();
    expect(changes).toEqual({ added: 0, changed: 1, removed: 1 });
    expect((await blobs()).filter((key) => !before.includes(key))).toHaveLength(1);
  });

  it('leaves no snapshot when it fails on the way (T-94)', async () => {
    const broken = failingDisk(disk, 'write', 3);
    const sending = new LocalSource(world.root, new SendToBlobs(broken));
    await expect(world.take({ disk: broken, source: sending })).rejects.toMatchObject({ code: 'DISK_FAILED' });
    expect(await keysOf(disk, keyPrefix('snapshots'))).toEqual([]);
    expect(await recover()).toEqual({ adopted: [], removed: [], finished: [] });
    expect((await verify(await take())).sound).toBe(true);
  });
});

describe('damage (T-96)', () => {
  it('is found and repaired from the source, as long as that has it', async () => {
    const snapshot = await take();
    await disk.remove(await blobOf(snapshot, 'Packages'));
    await disk.write(await blobOf(snapshot, 'pool/large'), randomBytes(large.length));
    const { problems, sound } = await verify(snapshot);
    expect(problems.map(({ path, state, repaired }) => [path, state, repaired])).toEqual([
      ['Packages', 'missing', true],
      ['pool/large', 'wrong', true],
    ]);
    expect(sound).toBe(true);
    expect((await verify(snapshot)).problems).toEqual([]);
  });

  it('takes a snapshot out of service when the source has it no more', async () => {
    const snapshot = await take();
    world.change({ Packages: 'index 2' });
    await take();
    await disk.remove(await blobOf(snapshot, 'Packages'));
    expect(await verify(snapshot)).toMatchObject({ sound: false, movedTo: 'damaged' });
  });
});

describe('disk and index', () => {
  it('come together again when the index is lost (T-10)', async () => {
    const first = await take();
    world.change({ Packages: 'index 2' });
    const second = await take();
    const fresh = new InMemorySnapshotStore(undefined, world.clock);
    const { adopted } = await recover({ snapshots: fresh, catalog: fresh.catalog });
    expect(adopted).toEqual([first.id, second.id]);
  });

  it('follow an operator who removes a snapshot with tools of S3, and nobody who empties the bucket (T-38)', async () => {
    const first = await take();
    world.change({ Packages: 'index 2' });
    const second = await take();
    const reconcile = async () =>
      new ReconcileSnapshots(disk, world.snapshots, world.clock, silentLog).run(
        await getRepository(world.repositories, DEBIAN),
        BY_TEST,
      );
    await disk.removeAll(keyPrefix('snapshots', DEBIAN, first.id));
    expect(await reconcile()).toEqual([first.id]);
    for (const part of ['snapshots', 'blobs']) await disk.removeAll(keyPrefix(part));
    await disk.remove(DISK_MARKER);
    expect(await reconcile()).toEqual([]);
    expect(Object.keys(await world.states())).toEqual([second.id]);
  });
});

it('collects what nobody needs, after a day and in two passes (T-14)', async () => {
  const first = await take();
  const gone = await blobOf(first, 'Packages');
  world.change({ Packages: 'index 2' });
  const second = await take();
  await removeSnapshot(disk, world.snapshots, await getSnapshot(world.snapshots, DEBIAN, first.id), BY_TEST);
  const marks = new InMemoryGarbageMarks();
  const collect = (): Promise<Collected> =>
    new CollectGarbage(disk, marks, world.leases, world.clock, world.index).run({
      ...{ dryRun: false, owner: 'test', signal },
    });
  expect((await collect()).young.blobs).toBe(1);
  world.clock.advance(DAY + MINUTE);
  expect((await collect()).marked.blobs).toBe(1);
  expect((await collect()).removed.blobs).toBe(1);
  expect(await disk.stat(gone)).toBeUndefined();
  expect((await verify(second)).sound).toBe(true);
});

it('adopts a directory that an operator put into the bucket', async () => {
  for (const path of ['Packages', 'pool/a b+c.deb']) {
    await disk.write(objectKey('snapshots/debian/20251231T235958Z', path), Buffer.from(path));
  }
  const directories = new DiskSource(disk, snapshotsOf);
  const snapshot = await new AdoptDirectory(disk, directories, world.index, world.leases, world.clock).run({
    ...{ repository: DEBIAN, directory: '20251231T235958Z', attempt: 'adopt', fence: await world.fence() },
    ...{ act: BY_TEST, signal },
  });
  expect(Object.keys(await listed(snapshot))).toEqual(['Packages', 'pool/a b+c.deb']);
  expect((await verify(snapshot)).sound).toBe(true);
});

it('adopts a tree of this machine, which stays as it is', async () => {
  const root = mkdtempSync(join(tmpdir(), 'trees-'));
  const tree = join(root, 'old/debian/2025-12-31T23:59:58+00:00');
  cpSync(world.sourcePath(), tree, { recursive: true });
  const before = readdirSync(tree, { recursive: true });
  const trees = new LocalSource(root, new SendToBlobs(disk), (name) => keyPrefix('old', name));
  const adopted = await new AdoptDirectory(disk, trees, world.index, world.leases, world.clock).run({
    ...{ repository: DEBIAN, directory: '2025-12-31T23:59:58+00:00', attempt: 'import' },
    ...{ fence: await world.fence(), act: BY_TEST, signal },
  });
  expect(adopted.id).toBe('20251231T235958Z');
  expect(await listed(adopted)).toEqual(await listed(await take()));
  expect(readdirSync(tree, { recursive: true })).toEqual(before);
  rmSync(root, { recursive: true });
});

it('exports plain files', async () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'export-')), 'tree');
  const { id } = await take();
  const request = { repository: DEBIAN, snapshot: id, directory, signal };
  await new ExportSnapshot(disk, world.snapshots, new LocalExport()).run(request);
  for (const [path, content] of Object.entries(TREE)) {
    expect(readFileSync(join(directory, path)).equals(Buffer.from(content ?? ''))).toBe(true);
  }
  rmSync(directory, { recursive: true });
});

it('removes all of a deleted repository from the bucket and from this machine, and nothing else (T-18)', async () => {
  await take();
  await disk.write(objectKey('snapshots/debian-security/x'), Buffer.from('of a neighbour'));
  const repository = await getRepository(world.repositories, DEBIAN);
  await world.repositories.markDeleted(DEBIAN);
  const remover = new RemoveRepositoryContent(disk, world.disk, world.snapshots, world.repositories);
  await remover.run(repository, await world.fence());
  expect(await keysOf(disk, keyPrefix('snapshots'))).toEqual(['snapshots/debian-security/x']);
  expect(readdirSync(join(world.root, 'source'))).toEqual([]);
  expect(await world.repositories.listDeleted()).toEqual([]);
});

it('removes nothing of whoever has the name by now (I-13)', async () => {
  await take();
  const repository = await getRepository(world.repositories, DEBIAN);
  const kept = await keysOf(disk, keyPrefix('snapshots'));
  const remover = new RemoveRepositoryContent(
    disk,
    world.disk,
    { forgetAll: () => Promise.resolve() },
    world.repositories,
  );
  await expect(remover.run(repository, await world.fence())).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(await keysOf(disk, keyPrefix('snapshots'))).toEqual(kept);
});
