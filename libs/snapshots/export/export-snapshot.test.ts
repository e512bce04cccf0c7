import fs from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';

import { failingDisk } from '#libs/storage/testing/failing-disk.js';
import { AppError } from '#libs/kernel/errors.js';

import { LocalExport } from '../adapters/local/local-export.js';
import { ExportSnapshot, type ExportRequest } from './export-snapshot.js';
import { type NewSnapshot } from '../snapshot.js';
import { DEBIAN, SnapshotWorld } from '../testing/snapshot-world.js';

const TREE = { Packages: 'index', 'pool/a.deb': 'a', 'pool/b/b.deb': 'b' };

describe('ExportSnapshot', () => {
  let world: SnapshotWorld;
  let snapshot: NewSnapshot;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    world.change(TREE);
    fs.utimesSync(world.sourcePath('pool/a.deb'), 1_000, 1_000);
    snapshot = await world.take();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    world.remove();
  });

  const inWorld = (name: string): string => join(world.root, name);
  const exportTo = (directory = inWorld('exported'), request: Partial<ExportRequest> = {}, disk = world.disk) =>
    new ExportSnapshot(disk, world.snapshots, new LocalExport()).run({
      repository: DEBIAN,
      snapshot: snapshot.id,
      directory,
      signal: new AbortController().signal,
      ...request,
    });
  const blobOf = async (path: keyof typeof TREE): Promise<string> =>
    world.blobPath((await world.listed(snapshot))[path] as never);

  it('makes a tree of the same files with the same times', async () => {
    expect(await exportTo()).toEqual({ files: 3, bytes: 7 });
    for (const [path, content] of Object.entries(TREE)) {
      expect(fs.readFileSync(inWorld(`exported/${path}`), 'utf8')).toBe(content);
    }
    expect(fs.statSync(inWorld('exported/pool/a.deb')).mtimeMs).toBe(1_000_000);
    expect(fs.readdirSync(inWorld('exported'), { recursive: true })).toHaveLength(5);
  });

  it('fills an empty folder, and refuses one that is not', async () => {
    fs.mkdirSync(inWorld('exported'));
    await exportTo();
    await expect(exportTo()).rejects.toMatchObject({ code: 'EXPORT_NOT_EMPTY', kind: 'conflict' });
  });

  it.each(['/dev/null', '/dev/null/below', 'file', 'file/below', 'dangling', 'dangling/below'])(
    'says that %s is no folder',
    async (path) => {
      fs.writeFileSync(inWorld('file'), 'kept');
      fs.symlinkSync('nowhere', inWorld('dangling'));
      const directory = path.startsWith('/') ? path : inWorld(path);
      await expect(exportTo(directory)).rejects.toMatchObject({
        code: 'EXPORT_NOT_A_FOLDER',
        kind: 'invalid',
        message: expect.stringContaining(directory) as string,
      });
      expect(fs.readFileSync(inWorld('file'), 'utf8')).toBe('kept');
    },
  );

  it.each(['/proc/exported', '/sys/exported'])(
    'speaks of the folder named where nothing can be written: %s',
    async (directory) => {
      await expect(exportTo(directory)).rejects.toMatchObject({
        code: 'EXPORT_FAILED',
        message: expect.stringContaining(directory) as string,
        hint: expect.stringContaining(directory) as string,
      });
    },
  );

  describe('ends early, and takes back what it has written', () => {
    /** What stands beside the disk's own folders. */
    const left = (): readonly string[] => fs.readdirSync(world.root).filter((name) => name.startsWith('exported'));

    it.each([
      ['is missing', (blob: string) => fs.rmSync(blob)],
      ['is not what it was', (blob: string) => fs.writeFileSync(blob, 'B')],
    ])('when content of the snapshot %s', async (how, damage) => {
      damage(await blobOf('pool/b/b.deb'));
      await expect(exportTo(inWorld('exported/here'))).rejects.toMatchObject({
        code: 'CONTENT_DAMAGED',
        message: `The content of "pool/b/b.deb" ${how}: snapshot ${snapshot.id} of "debian" is damaged.`,
        hint: expect.stringContaining(`snapshot:verify debian ${snapshot.id}`) as string,
      });
      expect(left()).toEqual([]);
    });

    it('when somebody interrupts it, in the midst of a file too', async () => {
      const interruption = new AbortController();
      const reason = new Error('Ctrl-C');
      const onProgress = ({ files }: { files: number }): void => {
        if (files === 2) interruption.abort(reason);
      };
      await expect(exportTo(undefined, { signal: interruption.signal, onProgress })).rejects.toBe(reason);
      expect(left()).toEqual([]);
    });

    it('when the disk fails to read', async () => {
      const error = new AppError('unavailable', 'DISK_FAILED', 'EIO');
      const disk = failingDisk(world.disk, 'read', 3, { kind: 'half', error, sticky: true });
      await expect(exportTo(undefined, {}, disk as never)).rejects.toBe(error);
      expect(left()).toEqual([]);
    });

    it('when no space is left, of which the hint names the folder (T-22)', async () => {
      const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      jest.spyOn(fs, 'createWriteStream').mockImplementationOnce((path) => {
        fs.writeFileSync(path, 'half');
        return new Writable({ write: (_chunk, _encoding, done) => done(full) }) as fs.WriteStream;
      });
      await expect(exportTo()).rejects.toMatchObject({
        code: 'EXPORT_FAILED',
        kind: 'unavailable',
        message: expect.stringContaining('no space') as string,
        hint: expect.stringContaining(inWorld('exported')) as string,
      });
      expect(left()).toEqual([]);
    });

    it('but nothing of others, and not the folder that was there', async () => {
      fs.rmSync(await blobOf('pool/b/b.deb'));
      fs.mkdirSync(inWorld('exported'));
      const onProgress = ({ files }: { files: number }): void => {
        if (files === 2) fs.writeFileSync(inWorld('exported/pool/of-others'), '');
      };
      await expect(exportTo(undefined, { onProgress })).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' });
      expect(fs.readdirSync(inWorld('exported'), { recursive: true })).toEqual(['pool', 'pool/of-others']);
    });
  });

  it('says that the list of files is gone', async () => {
    fs.rmSync(world.manifestPath(snapshot.id));
    await expect(exportTo()).rejects.toMatchObject({
      code: 'CONTENT_DAMAGED',
      message: `The list of files is missing: snapshot ${snapshot.id} of "debian" is damaged.`,
    });
  });

  it('does not take a disk that is not mounted for damage', async () => {
    fs.rmSync(inWorld('.parceler-disk'));
    fs.rmSync(inWorld('blobs'), { recursive: true });
    await expect(exportTo()).rejects.toMatchObject({ code: 'DISK_NOT_MARKED' });
  });
});
