import fs from 'node:fs';
import { join } from 'node:path';

import { type SnapshotWorld } from '../../testing/snapshot-world.js';
import { REFUSED, sha256Of, SourceWorld } from '../../testing/source-world.js';
import { factsOf } from './file-facts.js';

describe('LocalSource ingests', () => {
  let source: SourceWorld;
  let world: SnapshotWorld;
  beforeEach(async () => {
    source = await SourceWorld.make();
    world = source.world;
  });
  afterEach(() => {
    jest.restoreAllMocks();
    source.remove();
  });

  it('each content once, as a file of its own', async () => {
    const large = Buffer.alloc(3_500_000, 'large');
    world.change({ a: 'same', b: 'same', c: large, d: large, empty: '' });
    const ingested = await source.ingest(await source.walk());
    expect(ingested.map(({ path, sha256 }) => [path, sha256])).toEqual([
      ['a', sha256Of('same')],
      ['b', sha256Of('same')],
      ['c', sha256Of(large)],
      ['d', sha256Of(large)],
      ['empty', sha256Of('')],
    ]);
    expect(world.blobs()).toHaveLength(3);
    expect(fs.readFileSync(world.blobPath(sha256Of(large) as never)).equals(large)).toBe(true);
    const { nlink, mode } = fs.statSync(world.blobPath(sha256Of('same') as never));
    expect({ nlink, forOthers: mode & 0o007 }).toEqual({ nlink: 1, forOthers: 0 });
    expect(fs.readdirSync(join(world.root, 'staging/run-1'))).toEqual([]);
  });

  it('and touches a blob that is there already, without writing it again', async () => {
    world.change({ a: 'a' });
    await source.ingest(await source.walk());
    const blob = world.blobPath(sha256Of('a') as never);
    fs.utimesSync(blob, 1, 1);
    const { ino } = fs.statSync(blob);
    await source.ingest(await source.walk());
    expect(fs.statSync(blob).ino).toBe(ino);
    expect(fs.statSync(blob).mtimeMs).toBeGreaterThan(Date.now() - 1_000);
  });

  it('and replaces a blob of the wrong size', async () => {
    world.change({ a: 'aaa' });
    await source.ingest(await source.walk());
    fs.truncateSync(world.blobPath(sha256Of('aaa') as never), 1);
    await source.ingest(await source.walk());
    expect(fs.readFileSync(world.blobPath(sha256Of('aaa') as never), 'utf8')).toBe('aaa');
  });

  it('what a file holds now when it was replaced since the walk', async () => {
    world.change({ a: 'old' });
    const files = await source.walk();
    world.change({ a: undefined });
    world.change({ a: 'newer' });
    const [ingested] = await source.ingest(files);
    expect(ingested).toMatchObject({
      sha256: sha256Of('newer'),
      size: 5,
      signature: (await source.walk())[0]?.signature,
    });
  });

  it.each([10, 2_500_000])('and gives up on a file of %d bytes that does not stand still (T-37)', async (size) => {
    world.change({ a: Buffer.alloc(size) });
    const files = await source.walk();
    const read = fs.readSync;
    let writes = 0;
    jest.spyOn(fs, 'readSync').mockImplementation((...call: Parameters<typeof read>) => {
      fs.appendFileSync(world.sourcePath('a'), 'x');
      writes += 1;
      return read(...call);
    });
    await expect(source.ingest(files)).rejects.toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('"a"') as string,
    });
    expect(writes).toBeGreaterThanOrEqual(3);
  });

  it('and accepts one that stands still at the third try', async () => {
    world.change({ a: 'x' });
    const files = await source.walk();
    const read = fs.readSync;
    let reads = 0;
    jest.spyOn(fs, 'readSync').mockImplementation((...call: Parameters<typeof read>) => {
      if ((call[2] as unknown) === 0 && (reads += 1) < 3) fs.appendFileSync(world.sourcePath('a'), 'x');
      return read(...call);
    });
    expect(await source.ingest(files)).toMatchObject([{ sha256: sha256Of('xxx') }]);
  });

  it('nothing from where a folder was replaced by a link meanwhile (T-73)', async () => {
    world.change({ 'pool/a': 'a' });
    world.change({ a: 'secret' }, 'other' as never);
    const files = await source.walk();
    fs.renameSync(world.sourcePath('pool'), world.sourcePath('was'));
    fs.symlinkSync(world.sourcePath('', 'other' as never), world.sourcePath('pool'));
    await expect(source.ingest(files)).rejects.toMatchObject(REFUSED);
    expect(world.blobs()).toEqual([]);
  });

  it.each([
    ['where the system tells where an open file stands', false],
    ['where it does not', true],
  ])('nothing from outside that was walked while a link stood above it, %s (T-73)', async (_, silent) => {
    world.change({ 'pool/a': 'a', 'pool/b': 'b' });
    world.change({ a: 'secret' }, 'other' as never);
    const outside = fs.lstatSync(world.sourcePath('a', 'other' as never), { bigint: true });
    const files = (await source.walk()).map((file) => (file.path === 'pool/a' ? factsOf(file.path, outside) : file));
    fs.renameSync(world.sourcePath('pool'), world.sourcePath('was'));
    fs.symlinkSync(world.sourcePath('', 'other' as never), world.sourcePath('pool'));
    if (silent) {
      jest.spyOn(fs, 'readlinkSync').mockImplementation(() => {
        throw new Error('no /proc here');
      });
    }
    await expect(source.ingest(files)).rejects.toMatchObject(REFUSED);
    expect(world.blobs()).toEqual([]);
  });

  it('nothing from outside while the link comes and goes, so that only the open file tells (T-73)', async () => {
    world.change({ 'pool/a': 'a' });
    world.change({ a: 'secret' }, 'other' as never);
    const outside = world.sourcePath('a', 'other' as never);
    const open = fs.openSync;
    jest
      .spyOn(fs, 'openSync')
      .mockImplementation((path, ...rest) => open(path === world.sourcePath('pool/a') ? outside : path, ...rest));
    const walked = factsOf('pool/a', fs.lstatSync(outside, { bigint: true }));
    await expect(source.ingest([walked])).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    expect(world.blobs()).toEqual([]);
  });

  it('nothing from where the file was replaced by a link meanwhile (T-73)', async () => {
    world.change({ a: 'a' });
    world.change({ a: 'secret' }, 'other' as never);
    const files = await source.walk();
    fs.rmSync(world.sourcePath('a'));
    fs.symlinkSync('../other/a', world.sourcePath('a'));
    await expect(source.ingest(files)).rejects.toMatchObject(REFUSED);
    expect(world.blobs()).toEqual([]);
  });

  it('until it is told to stop', async () => {
    world.change(
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [String(index), `content ${String(index)}`])),
    );
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stop')), 0);
    await expect(source.ingest(await source.walk(), stop.signal)).rejects.toThrow('stop');
    expect(world.blobs().length).toBeLessThan(300);
  });

  it('what links inside lead to, as if it stood there', async () => {
    world.change({ 'dists/bookworm/Release': 'r', 'pool/a': 'a' });
    fs.symlinkSync('bookworm', world.sourcePath('dists/stable'));
    fs.symlinkSync('../pool/a', world.sourcePath('dists/latest'));
    fs.symlinkSync(world.sourcePath('pool/a'), world.sourcePath('absolute'));
    const files = await source.walk();
    expect(files.map(({ path }) => path)).toEqual([
      'absolute',
      'dists/bookworm/Release',
      'dists/latest',
      'dists/stable/Release',
      'pool/a',
    ]);
    expect((await source.ingest(files)).map(({ sha256 }) => sha256)).toEqual(['a', 'r', 'a', 'r', 'a'].map(sha256Of));
  });
});
