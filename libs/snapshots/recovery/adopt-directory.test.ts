import fs from 'node:fs';
import { join } from 'node:path';

import { snapshotsOf } from '#libs/storage/layout.js';

import { CopyToBlobs } from '../adapters/local/copy-to-blobs.js';
import { LocalSource } from '../adapters/local/local-source.js';
import { AdoptDirectory } from './adopt-directory.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '../testing/snapshot-world.js';

const signal = new AbortController().signal;
const TREE = { Packages: 'index', 'pool/a.deb': 'a', 'pool/b/b.deb': 'b' };

describe('AdoptDirectory', () => {
  let world: SnapshotWorld;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    world.change(TREE);
  });
  afterEach(() => {
    world.remove();
  });

  const make = (name: string, tree: Readonly<Record<string, string>> = TREE) => {
    for (const [path, content] of Object.entries(tree)) {
      const file = join(world.root, 'snapshots/debian', name, path);
      fs.mkdirSync(join(file, '..'), { recursive: true });
      fs.writeFileSync(file, content);
    }
  };
  const adopt = async (directory: string) => {
    const directories = new LocalSource(world.root, new CopyToBlobs(world.root), snapshotsOf);
    return new AdoptDirectory(world.disk, directories, world.index, world.leases, world.clock).run({
      repository: DEBIAN,
      directory,
      attempt: 'adopt',
      fence: await world.fence(),
      act: BY_TEST,
      signal,
    });
  };

  it.each(['2025-12-31T23:59:58+00:00', '20251231T235958Z'])('makes a snapshot of "%s" with its time', async (name) => {
    make(name);
    const snapshot = await adopt(name);
    expect(snapshot).toMatchObject({
      id: '20251231T235958Z',
      sequence: 1,
      state: 'complete',
      takenAt: new Date('2025-12-31T23:59:58Z'),
      files: 3,
      changes: { added: 3, changed: 0, removed: 0 },
    });
    expect(await world.listed(snapshot)).toEqual(await world.listed(await world.take()));
    expect(fs.readFileSync(join(world.root, 'snapshots/debian', name, 'Packages'), 'utf8')).toBe('index');
    await expect(adopt(name)).rejects.toMatchObject({ code: 'SNAPSHOT_ID_TAKEN' });
    expect(await world.check({ quiet: false })).toEqual([]);
  });

  it('takes now for the time of a directory with another name', async () => {
    await world.take();
    make('before-the-move', { Packages: 'older' });
    expect(await adopt('before-the-move')).toMatchObject({
      id: '20260114T103145Z-2',
      sequence: 2,
      takenAt: world.clock.now(),
    });
    expect(await world.check({ quiet: false })).toEqual([]);
  });

  it.each(['../other', 'missing', '..', 'link'])('refuses "%s"', async (name) => {
    fs.mkdirSync(join(world.root, 'snapshots/debian'), { recursive: true });
    world.change({ secret: 'x' }, 'other' as never);
    fs.mkdirSync(join(world.root, 'snapshots/other'));
    fs.symlinkSync('../../source/other', join(world.root, 'snapshots/debian/link'));
    await expect(adopt(name)).rejects.toMatchObject({
      code: expect.stringMatching(/^SOURCE_(REFUSED|MISSING)$/) as string,
    });
  });

  it('refuses an empty directory', async () => {
    fs.mkdirSync(join(world.root, 'snapshots/debian/20250101T000000Z'), { recursive: true });
    await expect(adopt('20250101T000000Z')).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
  });
});
