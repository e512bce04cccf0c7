import fs from 'node:fs';
import { join } from 'node:path';

import { snapshotsOf } from '#libs/storage/layout.js';

import { type SourceFile } from '../../source/source.js';
import { DEBIAN, SnapshotWorld } from '../../testing/snapshot-world.js';
import { sha256Of } from '../../testing/source-world.js';
import { LinkToBlobs } from './link-to-blobs.js';
import { LocalSource } from './local-source.js';

const LARGE = Buffer.alloc(2_500_000, 'large');

describe('LinkToBlobs', () => {
  let world: SnapshotWorld;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    world.remove();
  });

  const inTree = (path: string) => join(world.root, 'snapshots/debian/tree', path);
  const put = (path: string, content: string | Buffer) => {
    fs.mkdirSync(join(inTree(path), '..'), { recursive: true });
    fs.writeFileSync(inTree(path), content);
    fs.utimesSync(inTree(path), 1_700_000_000, 1_700_000_000);
  };
  const blobOf = (content: string | Buffer) => world.blobPath(sha256Of(content) as never);
  const inodes = (content: string | Buffer, path: string) => [
    fs.statSync(blobOf(content)).ino,
    fs.statSync(inTree(path)).ino,
  ];

  async function ingest() {
    const trees = new LocalSource(world.root, new LinkToBlobs(world.root), snapshotsOf);
    const files: SourceFile[] = [];
    for await (const batch of trees.walk(DEBIAN, 'tree')) files.push(...batch);
    return trees.ingest(DEBIAN, 'tree', files, 'import-1', new AbortController().signal);
  }
  const expectWholeBlobs = () => {
    for (const blob of world.blobs()) expect(sha256Of(fs.readFileSync(world.blobPath(blob as never)))).toBe(blob);
    expect(fs.readdirSync(join(world.root, 'staging/import-1'))).toEqual([]);
  };

  it('gives files a second name, whatever their size, and leaves them as they are', async () => {
    put('a', 'a');
    put('pool/large', LARGE);
    put('same', 'a');
    expect(await ingest()).toMatchObject([
      { path: 'a', sha256: sha256Of('a'), mtimeMs: 1_700_000_000_000 },
      { path: 'pool/large', sha256: sha256Of(LARGE) },
      { path: 'same', sha256: sha256Of('a') },
    ]);
    for (const [content, path] of [
      ['a', 'a'],
      [LARGE, 'pool/large'],
    ] as const) {
      const [blob, file] = inodes(content, path);
      expect(blob).toBe(file);
    }
    expect(world.blobs()).toHaveLength(2);
    expectWholeBlobs();
  });

  it('takes over what is there the next time, without changing the time of a file that is shared', async () => {
    put('a', 'a');
    await ingest();
    await ingest();
    expect(fs.statSync(inTree('a')).mtimeMs).toBe(1_700_000_000_000);
    const { modifiedAt } =
      (await world.disk.stat(`blobs/${sha256Of('a').slice(0, 2)}/${sha256Of('a')}` as never)) ?? {};
    expect(modifiedAt?.getTime()).toBeGreaterThan(Date.now() - 60_000); // to the collector of garbage it is young
    expectWholeBlobs();
  });

  it('copies what has another name already, by which it may be written in place', async () => {
    world.change({ a: 'a' });
    put('b', 'b');
    fs.linkSync(world.sourcePath('a'), inTree('a'));
    await ingest();
    fs.writeFileSync(world.sourcePath('a'), 'changed in place');
    const [blob, file] = inodes('a', 'a');
    expect(blob).not.toBe(file);
    expectWholeBlobs();
  });

  it('follows links inside the tree to what they mean', async () => {
    put('pool/a', 'a');
    fs.symlinkSync('pool', inTree('alias'));
    fs.symlinkSync('pool/a', inTree('latest'));
    expect((await ingest()).map(({ path, sha256 }) => [path, sha256])).toEqual([
      ['alias/a', sha256Of('a')],
      ['latest', sha256Of('a')],
      ['pool/a', sha256Of('a')],
    ]);
    expectWholeBlobs();
  });

  it.each(['EXDEV', 'EPERM', 'EMLINK'])('shares the bytes where a link is refused with %s', async (code) => {
    put('a', 'a');
    refuseLinks(code);
    const copy = fs.copyFileSync;
    const flags: unknown[] = [];
    // What a file system with reflinks does; the one that tests run on need not be one.
    jest.spyOn(fs, 'copyFileSync').mockImplementation((from, to, mode) => {
      flags.push(mode);
      copy(from, to, fs.constants.COPYFILE_EXCL);
    });
    await ingest();
    expect(flags).toEqual([fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE_FORCE]);
    expect(fs.readFileSync(blobOf('a'), 'utf8')).toBe('a');
    expectWholeBlobs();
  });

  it('copies where the file system can do neither', async () => {
    put('a', 'a');
    put('pool/large', LARGE);
    refuseLinks('EXDEV');
    jest.spyOn(fs, 'copyFileSync').mockImplementation(() => fails('ENOTSUP'));
    expect((await ingest()).map(({ sha256 }) => sha256)).toEqual([sha256Of('a'), sha256Of(LARGE)]);
    const [blob, file] = inodes('a', 'a');
    expect(blob).not.toBe(file);
    expectWholeBlobs();
  });

  it('shares nothing that was replaced after it was read', async () => {
    put('a', 'a');
    const link = fs.linkSync;
    jest.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
      fs.rmSync(from);
      fs.writeFileSync(from, 'b');
      link(from, to);
    });
    expect(await ingest()).toMatchObject([{ sha256: sha256Of('b') }]);
    expectWholeBlobs();
  });

  it.each(['ENOSPC', 'EIO'])('fails when the disk does, with %s, and leaves nothing half made', async (code) => {
    put('a', 'a');
    refuseLinks(code);
    await expect(ingest()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(world.blobs()).toEqual([]);
    expectWholeBlobs();
  });
});

function refuseLinks(code: string): void {
  jest.spyOn(fs, 'linkSync').mockImplementation(() => fails(code));
}

function fails(code: string): never {
  throw Object.assign(new Error(`${code}: told to fail`), { code });
}
