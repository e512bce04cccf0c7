import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DatabaseCopies } from '#libs/persistence/copies/database-copies.js';
import { temporaryFile, type TemporaryDatabase } from '#libs/persistence/testing/temporary-database.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '#libs/snapshots/testing/snapshot-world.js';
import { LocalDisk } from '#libs/storage/adapters/local-disk.js';
import { makeLocalFolder, tidyLocalFolder } from '#libs/storage/adapters/open-local-disk.js';

import { BackUp } from './back-up.js';

describe('BackUp', () => {
  let world: SnapshotWorld;
  let database: TemporaryDatabase;
  let folder: string;

  beforeEach(async () => {
    world = await SnapshotWorld.make();
    database = await temporaryFile();
    folder = mkdtempSync(join(tmpdir(), 'parceler-backup-'));
    await world.register();
    world.change({ a: 'a' });
    await world.take();
  });
  afterEach(async () => {
    world.remove();
    await database.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param meanwhile happens each time that the database is copied */
  const backUp = (meanwhile: (time: number) => Promise<unknown> = async () => undefined) => {
    const copies = new DatabaseCopies(database.database);
    let times = 0;
    const save = async (file: string) => {
      times += 1;
      await meanwhile(times);
      return copies.save(file);
    };
    const { disk, repositories, snapshots, clock } = world;
    const folders = { make: makeLocalFolder, tidy: tidyLocalFolder, open: (path: string) => new LocalDisk(path) };
    const key = { save: () => Promise.resolve() };
    return new BackUp({ copies: { save }, disk, repositories, snapshots }, folders, key, clock).run(folder);
  };
  const manifests = () => readdirSync(join(folder, 'snapshots', 'debian'));

  it('begins anew when a snapshot came or went meanwhile, so that rows and manifests agree', async () => {
    const { facts } = await backUp(async (time) => time === 1 && world.take());
    expect(facts.manifests.count).toBe(2);
    expect(manifests()).toEqual((await world.snapshots.list(DEBIAN)).map(({ id }) => id));
  });

  it('gives up, and leaves nothing that passes for a backup, when that does not end', async () => {
    await expect(backUp(() => world.take())).rejects.toMatchObject({ code: 'BACKUP_DISTURBED' });
    expect(existsSync(join(folder, 'backup.json'))).toBe(false);
    expect(existsSync(join(folder, 'snapshots'))).toBe(false);
  });

  it('names the snapshots whose manifest is no good', async () => {
    const [first] = await world.snapshots.list(DEBIAN);
    writeFileSync(world.manifestPath(first?.id ?? ''), 'no manifest');
    await world.take();
    expect(await backUp()).toMatchObject({ withoutManifest: [{ id: first?.id }], facts: { manifests: { count: 1 } } });
  });

  it('leaves out what is being removed', async () => {
    const [first] = await world.snapshots.list(DEBIAN);
    await world.take();
    await world.snapshots.move(DEBIAN, first?.id ?? ('' as never), 'complete', 'removing', BY_TEST);
    expect(await backUp()).toMatchObject({ withoutManifest: [], facts: { manifests: { count: 1 } } });
  });

  it('writes into no folder that holds something', async () => {
    writeFileSync(join(folder, 'mine'), 'precious');
    await expect(backUp()).rejects.toMatchObject({ code: 'BACKUP_FOLDER_TAKEN' });
    expect(readdirSync(folder)).toContain('mine');
  });
});
