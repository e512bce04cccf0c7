import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import fc from 'fast-check';

import { byBytes } from '#libs/kernel/byte-order.js';

import { type SourceFile } from '../../source/source.js';
import { factsOf } from './file-facts.js';
import { failingCall } from '../../testing/failing-call.js';
import { DEBIAN, SnapshotWorld } from '../../testing/snapshot-world.js';

const GO_ON = new AbortController().signal;

describe('LocalSource', () => {
  let world: SnapshotWorld;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    fs.mkdirSync(world.sourcePath());
  });
  afterEach(() => {
    jest.restoreAllMocks();
    world.remove();
  });

  const walk = async (folder?: string): Promise<readonly SourceFile[]> => {
    const files: SourceFile[] = [];
    for await (const batch of world.source.walk(DEBIAN, folder)) files.push(...batch);
    return files;
  };
  const paths = async (folder?: string): Promise<readonly string[]> => (await walk(folder)).map(({ path }) => path);
  const ingest = (files: readonly SourceFile[], signal = GO_ON) =>
    world.source.ingest(DEBIAN, undefined, files, 'run-1', signal);
  const sha = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
  const refused = { code: 'SOURCE_REFUSED', kind: 'conflict' };

  describe('walks', () => {
    it('in byte order of the whole path', async () => {
      const tree = ['a/b', 'a.b', 'a-b', 'a', 'B', 'a0/x', 'a0', 'é', '\u{1f4e6}/x', '\uffe6', 'z/z/z'].filter(
        (path) => path !== 'a' && path !== 'a0',
      );
      world.change(Object.fromEntries(tree.map((path) => [path, path])));
      expect(await paths()).toEqual(tree.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y))));
    });

    it('in byte order of any tree', async () => {
      const name = fc.constantFrom('a', 'b', 'a.', 'a-', 'a!', 'é', '\u{1f4e6}', '\uffe6', '~');
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { maxLength: 15 }), async (trees) => {
          fs.rmSync(world.sourcePath(), { recursive: true });
          fs.mkdirSync(world.sourcePath());
          const all = trees.map((names) => `${names.join('/')}/f`);
          world.change(Object.fromEntries(all.map((path) => [path, ''])));
          expect(await paths()).toEqual([...new Set(all)].sort(byBytes));
        }),
        { numRuns: 30 },
      );
    });

    it('with size and time of each file', async () => {
      world.change({ a: 'hello' });
      fs.utimesSync(world.sourcePath('a'), 1_000, 1_234.567);
      expect(await walk()).toEqual([
        { path: 'a', size: 5, mtimeMs: 1_234_567, signature: expect.any(String) as string },
      ]);
    });

    it.each<[string, (path: string) => void]>([
      ['its content changes', (path) => fs.writeFileSync(path, 'hellO')],
      [
        'its content changes and its time is put back',
        (path) => {
          const { atime, mtime } = fs.statSync(path);
          fs.writeFileSync(path, 'hellO');
          fs.utimesSync(path, atime, mtime);
        },
      ],
      [
        'it is replaced by another one of the same size and time',
        (path) => {
          const { atime, mtime } = fs.statSync(path);
          fs.writeFileSync(`${path}.new`, 'hellO');
          fs.utimesSync(`${path}.new`, atime, mtime);
          fs.renameSync(`${path}.new`, path);
        },
      ],
    ])('and gives a file another signature when %s', async (_, change) => {
      world.change({ a: 'hello' });
      const [before] = await walk();
      expect(await walk()).toEqual([before]);
      await untilTheClockTicks(world.sourcePath('a'));
      change(world.sourcePath('a'));
      expect((await walk())[0]?.signature).not.toBe(before?.signature);
    });

    it('in batches', async () => {
      world.change(Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`f${String(index)}`, ''])));
      const sizes: number[] = [];
      for await (const batch of world.source.walk(DEBIAN, undefined)) sizes.push(batch.length);
      expect(sizes).toEqual([1_000, 1]);
    });

    it('a sub-folder, also behind a link inside the source', async () => {
      world.change({ 'real/a': 'a', b: 'b' });
      fs.symlinkSync('real', world.sourcePath('link'));
      expect(await paths('real')).toEqual(['a']);
      expect(await paths('link')).toEqual(['a']);
    });

    it.each(['../other', 'out', 'file'])('no folder "%s"', async (folder) => {
      world.change({ x: 'secret' }, 'other' as never);
      world.change({ file: '' });
      fs.symlinkSync(world.sourcePath('', 'other' as never), world.sourcePath('out'));
      await expect(paths(folder)).rejects.toMatchObject(refused);
    });

    it('nothing when the source itself is a link', async () => {
      world.change({ x: 'secret' }, 'other' as never);
      fs.rmdirSync(world.sourcePath());
      fs.symlinkSync('other', world.sourcePath().replace(/\/$/, ''));
      await expect(paths()).rejects.toMatchObject(refused);
    });
  });

  describe('refuses', () => {
    it.each([
      ['Readme', 'README', 'case'],
      ['\u00e9', 'e\u0301', 'Unicode form'],
      ['\u00c9', 'e\u0301', 'case and Unicode form'],
    ])('names "%s" and "%s" that differ only in %s (T-34)', async (one, other) => {
      world.change({ [`pool/${one}`]: '1', [`pool/${other}`]: '2' });
      await expect(paths()).rejects.toMatchObject({ ...refused, message: expect.stringContaining(one) as string });
    });

    it('no such names in different folders', async () => {
      world.change({ 'a/Readme': '1', 'b/README': '2', 'b/x': '' });
      expect(await paths()).toHaveLength(3);
    });

    it('names that are not UTF-8 (T-35)', async () => {
      fs.writeFileSync(Buffer.concat([Buffer.from(`${world.sourcePath()}/`), Buffer.from([0x61, 0xff])]), '');
      await expect(paths()).rejects.toMatchObject({ ...refused, message: expect.stringContaining('UTF-8') as string });
    });

    it.each(['a\nb', 'a\x1bb', 'a\x7fb', 'a\u0085b'])(
      'control characters in names, shown escaped (T-35)',
      async (name) => {
        world.change({ [name]: '' });
        await expect(paths()).rejects.toMatchObject({
          ...refused,
          message: expect.not.stringContaining(name) as string,
        });
      },
    );

    it.each(['-rf', ' ', 'a b', 'x'.repeat(255), '\ufffd', 'a\\b', '%41', '"'])('not the name "%s"', async (name) => {
      world.change({ [name]: '' });
      expect(await paths()).toEqual([name]);
    });

    it('a FIFO, without waiting for anybody who writes to it (T-36)', async () => {
      execFileSync('mkfifo', [world.sourcePath('pipe')]);
      await expect(paths()).rejects.toMatchObject({ ...refused, message: expect.stringContaining('"pipe"') as string });
      const pretended = { path: 'pipe', size: 0, mtimeMs: 0, signature: 'x' };
      await expect(ingest([pretended])).rejects.toMatchObject(refused);
    });

    it('a socket (T-36)', async () => {
      const server = createServer().listen(world.sourcePath('socket'));
      await once(server, 'listening');
      await expect(paths()).rejects.toMatchObject(refused);
      server.close();
    });

    it.each<[string, (world: SnapshotWorld) => string]>([
      ['an absolute path', () => '/etc/passwd'],
      ['a way up', () => '../other/secret'],
      ['a process', () => '/proc/self/environ'],
      ['a device', () => '/dev/zero'],
      ['a chain of links', (w) => (fs.symlinkSync('/etc', w.sourcePath('pool/etc')), 'etc/passwd')],
      ['the folder above', () => '../..'],
      ['nowhere', () => 'missing'],
      ['itself', () => 'link'],
      ['the folder it stands in', () => '.'],
      ['the folder above it, inside', () => '..'],
      ['a neighbour with the same beginning', () => '../../debian-security/a'],
    ])('a link to %s (T-72)', async (_, target) => {
      world.change({ secret: 'x' }, 'other' as never);
      world.change({ a: 'x' }, 'debian-security' as never);
      world.change({ 'pool/a': 'a' });
      fs.symlinkSync(target(world), world.sourcePath('pool/link'));
      await expect(paths()).rejects.toMatchObject(refused);
    });

    it('a link to a FIFO', async () => {
      execFileSync('mkfifo', [world.sourcePath('pipe')]);
      fs.symlinkSync('pipe', world.sourcePath('a'));
      await expect(paths()).rejects.toMatchObject(refused);
    });

    it('links to folders that would multiply without end', async () => {
      for (let level = 0; level < 12; level += 1) {
        world.change({ [`l${String(level)}/f`]: '' });
        for (const side of ['x', 'y'])
          fs.symlinkSync(`../l${String(level + 1)}`, world.sourcePath(`l${String(level)}/${side}`));
      }
      world.change({ 'l12/f': '' });
      await expect(paths()).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('too many') as string,
      });
    });

    it.each(['EACCES', 'EIO'])('what cannot be read, for %s (T-26)', async (code) => {
      world.change({ 'pool/a': 'a' });
      const files = await walk();
      failingCall('readSync', 1, code);
      await expect(ingest(files)).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('"pool/a"') as string,
      });
      jest.restoreAllMocks();
      failingCall('readdirSync', 2, code);
      await expect(paths()).rejects.toMatchObject({ ...refused, message: expect.stringContaining('"pool"') as string });
    });
  });

  describe('follows links inside', () => {
    it('to files and folders, as if those stood there', async () => {
      world.change({ 'dists/bookworm/Release': 'r', 'pool/a': 'a' });
      fs.symlinkSync('bookworm', world.sourcePath('dists/stable'));
      fs.symlinkSync('../pool/a', world.sourcePath('dists/latest'));
      fs.symlinkSync(world.sourcePath('pool/a'), world.sourcePath('absolute'));
      const files = await walk();
      expect(files.map(({ path }) => path)).toEqual([
        'absolute',
        'dists/bookworm/Release',
        'dists/latest',
        'dists/stable/Release',
        'pool/a',
      ]);
      expect((await ingest(files)).map(({ sha256 }) => sha256)).toEqual(['a', 'r', 'a', 'r', 'a'].map(sha));
    });
  });

  describe('ingests', () => {
    it('each content once, as a file of its own', async () => {
      const large = Buffer.alloc(3_500_000, 'large');
      world.change({ a: 'same', b: 'same', c: large, d: large, empty: '' });
      const ingested = await ingest(await walk());
      expect(ingested.map(({ path, sha256 }) => [path, sha256])).toEqual([
        ['a', sha('same')],
        ['b', sha('same')],
        ['c', sha(large)],
        ['d', sha(large)],
        ['empty', sha('')],
      ]);
      expect(world.blobs()).toHaveLength(3);
      expect(fs.readFileSync(world.blobPath(sha(large) as never)).equals(large)).toBe(true);
      const { nlink, mode } = fs.statSync(world.blobPath(sha('same') as never));
      expect({ nlink, forOthers: mode & 0o007 }).toEqual({ nlink: 1, forOthers: 0 });
      expect(fs.readdirSync(join(world.root, 'staging/run-1'))).toEqual([]);
    });

    it('and touches a blob that is there already, without writing it again', async () => {
      world.change({ a: 'a' });
      await ingest(await walk());
      const blob = world.blobPath(sha('a') as never);
      fs.utimesSync(blob, 1, 1);
      const { ino } = fs.statSync(blob);
      await ingest(await walk());
      expect(fs.statSync(blob).ino).toBe(ino);
      expect(fs.statSync(blob).mtimeMs).toBeGreaterThan(Date.now() - 1_000);
    });

    it('and replaces a blob of the wrong size', async () => {
      world.change({ a: 'aaa' });
      await ingest(await walk());
      fs.truncateSync(world.blobPath(sha('aaa') as never), 1);
      await ingest(await walk());
      expect(fs.readFileSync(world.blobPath(sha('aaa') as never), 'utf8')).toBe('aaa');
    });

    it('what a file holds now when it was replaced since the walk', async () => {
      world.change({ a: 'old' });
      const files = await walk();
      world.change({ a: undefined });
      world.change({ a: 'newer' });
      const [ingested] = await ingest(files);
      expect(ingested).toMatchObject({ sha256: sha('newer'), size: 5, signature: (await walk())[0]?.signature });
    });

    it.each([10, 2_500_000])('and gives up on a file of %d bytes that does not stand still (T-37)', async (size) => {
      world.change({ a: Buffer.alloc(size) });
      const files = await walk();
      const read = fs.readSync;
      let writes = 0;
      jest.spyOn(fs, 'readSync').mockImplementation((...call: Parameters<typeof read>) => {
        fs.appendFileSync(world.sourcePath('a'), 'x');
        writes += 1;
        return read(...call);
      });
      await expect(ingest(files)).rejects.toMatchObject({
        code: 'SOURCE_CHANGED',
        message: expect.stringContaining('"a"') as string,
      });
      expect(writes).toBeGreaterThanOrEqual(3);
    });

    it('and accepts one that stands still at the third try', async () => {
      world.change({ a: 'x' });
      const files = await walk();
      const read = fs.readSync;
      let reads = 0;
      jest.spyOn(fs, 'readSync').mockImplementation((...call: Parameters<typeof read>) => {
        if ((call[2] as unknown) === 0 && (reads += 1) < 3) fs.appendFileSync(world.sourcePath('a'), 'x');
        return read(...call);
      });
      expect(await ingest(files)).toMatchObject([{ sha256: sha('xxx') }]);
    });

    it('nothing from where a folder was replaced by a link meanwhile (T-73)', async () => {
      world.change({ 'pool/a': 'a' });
      world.change({ a: 'secret' }, 'other' as never);
      const files = await walk();
      fs.renameSync(world.sourcePath('pool'), world.sourcePath('was'));
      fs.symlinkSync(world.sourcePath('', 'other' as never), world.sourcePath('pool'));
      await expect(ingest(files)).rejects.toMatchObject(refused);
      expect(world.blobs()).toEqual([]);
    });

    it.each([
      ['where the system tells where an open file stands', false],
      ['where it does not', true],
    ])('nothing from outside that was walked while a link stood above it, %s (T-73)', async (_, silent) => {
      world.change({ 'pool/a': 'a', 'pool/b': 'b' });
      world.change({ a: 'secret' }, 'other' as never);
      const outside = fs.lstatSync(world.sourcePath('a', 'other' as never), { bigint: true });
      const files = (await walk()).map((file) => (file.path === 'pool/a' ? factsOf(file.path, outside) : file));
      fs.renameSync(world.sourcePath('pool'), world.sourcePath('was'));
      fs.symlinkSync(world.sourcePath('', 'other' as never), world.sourcePath('pool'));
      if (silent) {
        jest.spyOn(fs, 'readlinkSync').mockImplementation(() => {
          throw new Error('no /proc here');
        });
      }
      await expect(ingest(files)).rejects.toMatchObject(refused);
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
      await expect(ingest([walked])).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
      expect(world.blobs()).toEqual([]);
    });

    it('nothing from where the file was replaced by a link meanwhile (T-73)', async () => {
      world.change({ a: 'a' });
      world.change({ a: 'secret' }, 'other' as never);
      const files = await walk();
      fs.rmSync(world.sourcePath('a'));
      fs.symlinkSync('../other/a', world.sourcePath('a'));
      await expect(ingest(files)).rejects.toMatchObject(refused);
      expect(world.blobs()).toEqual([]);
    });

    it('until it is told to stop', async () => {
      world.change(
        Object.fromEntries(Array.from({ length: 300 }, (_, index) => [String(index), `content ${String(index)}`])),
      );
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error('stop')), 0);
      await expect(ingest(await walk(), stop.signal)).rejects.toThrow('stop');
      expect(world.blobs().length).toBeLessThan(300);
    });
  });
});

/** Times of files move in steps of some milliseconds. */
async function untilTheClockTicks(path: string): Promise<void> {
  const probe = `${path}.probe`;
  const { ctimeMs } = fs.statSync(path);
  do {
    fs.writeFileSync(probe, '');
    await setImmediate();
  } while (fs.statSync(probe).ctimeMs === ctimeMs);
  fs.rmSync(probe);
}
