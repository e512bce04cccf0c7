import { createHash } from 'node:crypto';
import fs from 'node:fs';

import fc from 'fast-check';

import { AppError } from '#libs/kernel/errors.js';
import { snapshotId } from '#libs/kernel/ids.js';
import { until } from '#libs/kernel/testing/until.js';
import { LONGEST_LEASE } from '#libs/persistence/lease.js';
import { manifestKey } from '#libs/storage/layout.js';
import { failingDisk } from '#libs/storage/testing/failing-disk.js';

import { unpackBlock } from './manifest/block.js';
import { parseManifest } from './manifest/read-manifest.js';
import { snapshotOf } from './manifest/store-manifest.js';
import { ManifestDraft } from './manifest/write-manifest.js';
import { BY_TEST, DEBIAN, SnapshotWorld, type Tree } from './testing/snapshot-world.js';

const sha = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
const hashes = (tree: Tree): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([path, content]) => (content === undefined ? [] : [[path, sha(content)]])),
  );

describe('TakeSnapshot', () => {
  let world: SnapshotWorld;
  beforeEach(async () => void (world = await SnapshotWorld.make()));
  afterEach(() => {
    world.remove();
  });

  const tree = { 'Packages.gz': 'index', 'pool/a.deb': 'a', 'pool/b.deb': 'b', 'pool/c/c.deb': 'c' };

  it('lists what the source holds, and says what changed', async () => {
    world.change(tree);
    const first = await world.taken();
    expect(first.snapshot).toMatchObject({
      repository: 'debian',
      id: '20260114T103145Z',
      sequence: 1,
      state: 'complete',
      takenAt: new Date('2026-01-14T10:31:45Z'),
      files: 4,
      bytes: 8,
      note: undefined,
    });
    expect(first.changes).toEqual({ added: 4, changed: 0, removed: 0 });
    expect(await world.listed(first.snapshot)).toEqual(hashes(tree));

    world.change({ 'Packages.gz': 'index 2', 'pool/d.deb': 'd', 'pool/b.deb': undefined });
    const second = await world.taken();
    expect(second.changes).toEqual({ added: 1, changed: 1, removed: 1 });
    expect(second.snapshot.sequence).toBe(2);
    expect(await world.listed(first.snapshot)).toEqual(hashes(tree));
    expect(await world.listed(second.snapshot)).toEqual(
      hashes({ 'Packages.gz': 'index 2', 'pool/a.deb': 'a', 'pool/c/c.deb': 'c', 'pool/d.deb': 'd' }),
    );
    expect(await world.check()).toEqual([]);
  });

  it('makes a snapshot of an unchanged source too, since its age matters, without reading a file', async () => {
    world.change(tree);
    await world.take();
    const { snapshot, changes } = await world.taken({ source: neverIngesting(world) });
    expect(changes).toEqual({ added: 0, changed: 0, removed: 0 });
    expect(snapshot).toMatchObject({ sequence: 2, files: 4, bytes: 8, id: '20260114T103245Z' });
    expect(await world.check()).toEqual([]);
  });

  it('keeps the time of a content that was only touched, so that caches stay valid', async () => {
    world.change(tree);
    const first = await world.take();
    fs.utimesSync(world.sourcePath('pool/a.deb'), 1, 1);
    const { snapshot, changes } = await world.taken();
    expect(changes).toEqual({ added: 0, changed: 0, removed: 0 });
    const at = async (sequence: number) => world.snapshots.catalog.find(DEBIAN, sequence, 'pool/a.deb');
    expect(await at(snapshot.sequence)).toEqual(await at(first.sequence));
    expect(await world.check()).toEqual([]);
  });

  it('publishes the sub-folder that is asked for', async () => {
    world.change({ 'public/a': 'a', 'private/b': 'b' });
    expect(await world.listed(await world.take({ folder: 'public' }))).toEqual(hashes({ a: 'a' }));
  });

  it('gives two snapshots of one second different ids', async () => {
    world.change(tree);
    await world.take();
    world.clock.set('2026-01-14T10:30:45.900Z');
    expect((await world.take()).id).toBe('20260114T103145Z-2');
    world.clock.set('2026-01-14T10:30:45Z');
    expect((await world.take()).id).toBe('20260114T103145Z-3');
    expect(await world.check()).toEqual([]);
  });

  it('does not put a manifest into a folder that somebody has made by hand', async () => {
    world.change(tree);
    fs.mkdirSync(`${world.root}/snapshots/debian/20260114T103145Z`, { recursive: true });
    fs.writeFileSync(`${world.root}/snapshots/debian/20260114T103145Z/by-hand`, '');
    expect((await world.take()).id).toBe('20260114T103145Z-2');
  });

  it('holds a snapshot of a source that was emptied, and measures the next one by the last good one (T-57)', async () => {
    world.change(tree);
    await world.take();
    world.change({ 'Packages.gz': undefined, pool: undefined });
    expect(await world.take()).toMatchObject({
      state: 'held',
      files: 0,
      note: expect.stringContaining('empty') as string,
    });
    world.change({ 'Packages.gz': 'index' });
    expect(await world.take()).toMatchObject({ state: 'held', note: expect.stringContaining('75 %') as string });
    world.change(tree);
    expect(await world.take()).toMatchObject({ state: 'complete', note: undefined });
    expect(await world.check()).toEqual([]);
  });

  it('refuses an empty source when there is nothing to compare it with', async () => {
    fs.mkdirSync(world.sourcePath(), { recursive: true });
    await expect(world.take()).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
    expect(await world.check()).toEqual([]);
  });

  it('says so when there is no source', async () => {
    await expect(world.take()).rejects.toMatchObject({ code: 'SOURCE_MISSING', kind: 'not-found' });
    fs.mkdirSync(world.sourcePath(), { recursive: true });
    await expect(world.take({ folder: 'dist' })).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
  });

  it('changes nothing in older snapshots when a tool writes in place (T-33, I-03)', async () => {
    world.change(tree);
    const first = await world.take();
    const file = fs.openSync(world.sourcePath('pool/a.deb'), 'r+');
    fs.writeSync(file, 'X', 0);
    fs.closeSync(file);
    const second = await world.take();
    expect((await world.listed(first))['pool/a.deb']).toBe(sha('a'));
    expect((await world.listed(second))['pool/a.deb']).toBe(sha('X'));
    expect(await world.check()).toEqual([]);
  });

  it('notices a change that came too shortly after the last one to show in the times', async () => {
    const { LocalSource } = await import('./adapters/local/local-source.js');
    const { CopyToBlobs } = await import('./adapters/local/copy-to-blobs.js');
    const source = new LocalSource(world.root, new CopyToBlobs(world.root)); // by the true clock, to which these files are fresh
    world.change(tree);
    await world.take({ source });
    let read: readonly string[] = [];
    await world.take({
      source: {
        walk: (...walk) => source.walk(...walk),
        ingest: (...[name, folder, files, ...rest]) => {
          read = files.map(({ path }) => path);
          return source.ingest(name, folder, files, ...rest);
        },
      },
    });
    expect(read).toEqual(Object.keys(tree));
    expect(await world.check()).toEqual([]);
  });

  it('goes by the snapshot before when the last one was deleted meanwhile', async () => {
    world.change(tree);
    await world.take();
    world.change({ 'pool/a.deb': 'a2', 'pool/e.deb': 'e', 'pool/b.deb': undefined });
    const second = await world.take();
    await world.snapshots.move(DEBIAN, second.id, 'complete', 'removing', BY_TEST);
    fs.rmSync(`${world.root}/snapshots/debian/${second.id}`, { recursive: true });
    await world.snapshots.forget(DEBIAN, second.id);
    expect(await world.take()).toMatchObject({ sequence: 3, changes: { added: 1, changed: 1, removed: 1 } });
    expect(await world.check()).toEqual([]);
  });

  it('reads everything again when a line of the manifest before cannot be read, and says so (I-15)', async () => {
    world.change(tree);
    const first = await world.take();
    const { header, blocks } = parseManifest(fs.readFileSync(world.manifestPath(first.id)));
    const draft = new ManifestDraft();
    draft.addLines(
      blocks
        .map(unpackBlock)
        .join('')
        .replace(/"mtime":\d+/, '"mtime":9100000000000000'),
      header,
    );
    const facts = { ...header, id: snapshotId('20260114T103200Z'), sequence: 2 };
    const { bytes, sha256 } = draft.seal(facts);
    await world.disk.write(manifestKey(DEBIAN, facts.id), bytes);
    await world.snapshots.publish(snapshotOf({ header: facts, sha256 }), [], {
      ...BY_TEST,
      fence: await world.fence(),
    });

    world.change({ 'Packages.gz': 'index 2' });
    const { snapshot, changes } = await world.taken();
    expect(changes).toEqual({ added: 4, changed: 0, removed: 0 });
    expect(await world.listed(snapshot)).toEqual(hashes({ ...tree, 'Packages.gz': 'index 2' }));
    expect(world.log.of('a manifest cannot be read; all files are read again')).toMatchObject([
      { repository: DEBIAN, snapshot: facts.id },
    ]);
  });

  it.each(['torn', 'missing'])('reads everything again when the manifest before is %s', async (how) => {
    world.change(tree);
    const first = await world.take();
    if (how === 'torn') fs.truncateSync(world.manifestPath(first.id), 100);
    else fs.rmSync(world.manifestPath(first.id));
    expect(await world.take()).toMatchObject({ sequence: 2, files: 4, changes: { added: 4 } });
    await world.snapshots.move(DEBIAN, first.id, 'complete', 'damaged', BY_TEST);
    expect(await world.check()).toEqual([]);
  });

  it('brings back lost blobs once a snapshot was found to be damaged', async () => {
    world.change(tree);
    await world.take();
    const second = await world.take();
    fs.rmSync(world.blobPath(sha('b') as never));
    await world.snapshots.move(DEBIAN, second.id, 'complete', 'damaged', BY_TEST);
    await world.take();
    expect(await world.check()).toEqual([]);
    world.clock.advance(1);
    await expect(world.take({ source: neverIngesting(world) })).resolves.toMatchObject({ files: 4 });
  });

  it('publishes nothing once it was told to stop, and leaves nothing (I-15)', async () => {
    world.change(tree);
    const stop = new AbortController();
    stop.abort(new AppError('conflict', 'RUN_CANCELLED', 'The run was cancelled.'));
    await expect(world.take({ signal: stop.signal })).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
    expect(await world.check()).toEqual([]);
    expect(await world.snapshots.list(DEBIAN)).toEqual([]);
  });

  it('waits while unneeded blobs are being collected', async () => {
    world.change(tree);
    const collecting = await world.leases.acquire('blobs:collect', 'collector', LONGEST_LEASE);
    const taking = world.take();
    await until(async () => (await world.leases.list('blobs:write:')).length === 1);
    expect(world.blobs()).toEqual([]);
    if (collecting) await world.leases.release(collecting);
    await expect(taking).resolves.toMatchObject({ files: 4 });
  });

  it('keeps nothing of the lease of an attempt that is over', async () => {
    world.change(tree);
    await world.take();
    expect(await world.leases.list('')).toEqual([]);
    expect(await world.leases.acquire('blobs:write:run-1', 'test', LONGEST_LEASE)).toMatchObject({ token: 1 });
  });

  it('refuses an attempt that is under way already', async () => {
    world.change(tree);
    await world.leases.acquire('blobs:write:run-1', 'run-1', LONGEST_LEASE);
    await expect(world.take()).rejects.toMatchObject({ code: 'ATTEMPT_RUNNING' });
  });

  it('leaves a manifest to its successor when it lost the lease, and takes it back otherwise (I-13, T-10)', async () => {
    world.change(tree);
    const failWith = (code: string) => {
      world.snapshots.beforeNext('publish', () => Promise.reject(new AppError('conflict', code, 'no')));
      return world.take();
    };
    await expect(failWith('SNAPSHOT_EXISTS')).rejects.toMatchObject({ code: 'SNAPSHOT_EXISTS' });
    expect(await world.check()).toEqual([]);
    await expect(failWith('LEASE_LOST')).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await world.check()).toEqual([expect.stringContaining('I-25')]);
  });

  it.each(['before', 'after', 'half'] as const)(
    'leaves no snapshot or a whole one whichever call of the disk goes wrong, "%s" it is done (I-01, I-15)',
    async (kind) => {
      world.change(tree);
      const first = await world.take();
      let failures = 0;
      for (let nth = 1, failed = true; failed; nth += 1) {
        world.change({ 'pool/b.deb': `b${String(nth)}` });
        const before = Object.keys(await world.states()).length;
        const disk = failingDisk(world.disk, 'any', nth, { kind });
        const taken = await world.take({ disk }).then(
          () => true,
          () => false,
        );
        failures += taken ? 0 : 1;
        failed = disk.failed;
        expect(await world.check({ quiet: false })).toEqual([]);
        const added = Object.keys(await world.states()).length - before;
        expect(taken ? [1] : [0, 1]).toContain(added); // it may fail after the snapshot was published
      }
      expect(failures).toBeGreaterThan(2);
      expect((await world.listed(first))['pool/b.deb']).toBe(sha('b'));
    },
  );

  it('makes each snapshot equal to the source at its time, through any syncs (I-01, I-03)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(syncs, { minLength: 1, maxLength: 5 }), async (rounds) => {
        const round = await SnapshotWorld.make();
        try {
          await playSyncs(round, rounds);
        } finally {
          round.remove();
        }
      }),
      { numRuns: 25 },
    );
  });
});

const neverIngesting = (world: SnapshotWorld) => ({
  walk: (...walk: Parameters<typeof world.source.walk>) => world.source.walk(...walk),
  ingest: () => Promise.reject(new Error('read a file')),
});

const name = fc.constantFrom('a', 'a.b', 'a-b', 'B', 'é', 'z"z', 'z\\z', '\u{1f4e6}', '\uffe6');
const path = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((names) => names.map((each, depth) => `${each}${String(depth)}`).join('/'));
const syncs = fc.dictionary(path, fc.constantFrom('one', 'two', 'three'), {
  minKeys: 1,
  maxKeys: 12,
  noNullPrototype: true,
});

/** Each round brings the source to another tree, with as few changes as rsync would make. */
async function playSyncs(world: SnapshotWorld, rounds: readonly Record<string, string>[]): Promise<void> {
  const expected: [Awaited<ReturnType<SnapshotWorld['take']>>, Record<string, string>][] = [];
  let now: Record<string, string> = {};
  for (const wanted of rounds) {
    const isFolder = (each: string) => Object.keys(wanted).some((other) => other.startsWith(`${each}/`));
    const next = Object.fromEntries(Object.entries(wanted).filter(([each]) => !isFolder(each)));
    for (const gone of Object.keys(now)) if (!(gone in next)) fs.rmSync(world.sourcePath(gone));
    for (const file of Object.keys(next))
      if (!(file in now)) fs.rmSync(world.sourcePath(file), { recursive: true, force: true });
    world.change(Object.fromEntries(Object.entries(next).filter(([each, content]) => now[each] !== content)));
    now = next;
    expected.push([await world.take(), hashes(now)]);
  }
  for (const [snapshot, list] of expected) expect(await world.listed(snapshot)).toEqual(list);
  expect(await world.check()).toEqual([]);
}
