import fs from 'node:fs';
import { join } from 'node:path';

import { actor } from '#libs/kernel/actor.js';
import { DAY, MINUTE } from '#libs/kernel/duration.js';
import { repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { ChooseSnapshot } from '#libs/releases/choose-snapshot.js';
import { FreezeRepository } from '#libs/releases/freeze-repository.js';
import { UnfreezeRepository } from '#libs/releases/unfreeze-repository.js';
import { RegisterRepository } from '#libs/repositories/register-repository.js';
import { LinkToBlobs } from '#libs/snapshots/adapters/local/link-to-blobs.js';
import { LocalSource } from '#libs/snapshots/adapters/local/local-source.js';
import { AdoptDirectory } from '#libs/snapshots/recovery/adopt-directory.js';
import { RecoverSnapshots } from '#libs/snapshots/recovery/recover-snapshots.js';
import { type OpenTrees } from '#libs/snapshots/recovery/trees.js';
import { DEBIAN, SnapshotWorld } from '#libs/snapshots/testing/snapshot-world.js';
import { sha256Of } from '#libs/snapshots/testing/source-world.js';
import { keyPrefix } from '#libs/storage/object-key.js';

import { OriginalOnDisk } from './adapters/original-on-disk.js';
import { ImportParceler, type ImportRequest } from './import-parceler.js';
import { ImportRepository, type ImportParts, type Step } from './import-repository.js';
import { OriginalParceler } from './testing/original-parceler.js';

const ACT = { actor: actor('cli', 'root') };
const FIRST = '2026-01-10T00:00:00+00:00';
const SECOND = '2026-01-11T00:00:00+00:00';
const IDS = ['20260110T000000Z', '20260111T000000Z'];

describe('importing an original Parceler', () => {
  let world: SnapshotWorld;
  let original: OriginalParceler;
  let steps: Step[];

  beforeEach(async () => {
    world = await SnapshotWorld.make();
    original = new OriginalParceler([{ name: 'debian', command: 'sync-debian', sub_dir: 'dists/stable', delay: 5 }]);
    original.put('debian', SECOND, { Packages: 'two', same: 'same' });
    original.put('debian', FIRST, { Packages: 'one', same: 'same' });
  });
  afterEach(() => {
    world.remove();
    original.remove();
  });

  interface Options extends Partial<ImportRequest> {
    readonly parts?: Partial<ImportParts>;
    readonly snapshotsFolder?: string;
  }
  /** Imports, and answers how much was done, left and failed; the steps stand in `steps`. */
  async function run({ parts = {}, snapshotsFolder = 'snapshots', ...request }: Options = {}) {
    const { disk, index, snapshots, repositories, leases, clock } = world.parts;
    const openTrees: OpenTrees = ({ root, folder }) => {
      const source = new LocalSource(root, new LinkToBlobs(world.root), (name) => keyPrefix(`${folder}${name}`));
      return { source, adopt: new AdoptDirectory(disk, source, index, leases, clock) };
    };
    const noAdoption = { run: () => Promise.reject(new Error('freezing adopts nothing here')) };
    const choose = new ChooseSnapshot(snapshots, disk, noAdoption, leases);
    const importRepository = new ImportRepository({
      original: new OriginalOnDisk(),
      repositories,
      snapshots,
      register: new RegisterRepository(repositories, clock),
      recover: new RecoverSnapshots(disk, index, clock, world.log),
      freeze: new FreezeRepository(repositories, snapshots, choose, clock),
      leases,
      patienceMs: 0,
      ...parts,
    });
    const memory = {
      recall: () => Promise.resolve(undefined),
      remember: () => Promise.resolve(),
      agreeOn: (id: string) => Promise.resolve(id),
    };
    const ours = { disk, memory, openTrees, snapshotsFolder };
    steps = [];
    return new ImportParceler(new OriginalOnDisk(), importRepository, ours).run({
      database: original.database,
      storage: original.storage,
      dryRun: false,
      act: ACT,
      signal: new AbortController().signal,
      tell: (step) => steps.push(step),
      ...request,
    });
  }
  const told = () => steps.map(({ outcome, repository, what }) => `${outcome} ${repository}: ${what}`);
  const ids = async (name: RepositoryName = DEBIAN) => (await world.snapshots.list(name)).map(({ id }) => id);
  const frozenTo = async () => (await world.repositories.find(DEBIAN))?.freeze?.snapshot;
  const freezeTo = (freeze: string) => {
    fs.rmSync(original.database);
    const { storage } = original;
    const other = new OriginalParceler([{ name: 'debian', freeze }]);
    fs.copyFileSync(other.database, original.database);
    other.remove();
    return storage;
  };

  it('takes settings and snapshots over, in order of time, and changes nothing of the old storage', async () => {
    const before = original.contents();
    expect(await run()).toEqual({ did: 3, left: 0, failed: 0 });
    expect(await world.repositories.find(DEBIAN)).toMatchObject({
      command: 'sync-debian',
      sourceFolder: 'dists/stable',
      delay: 5,
      holdBack: 'window',
      editions: ['community', 'enterprise'],
      freeze: undefined,
    });
    expect(await ids()).toEqual(IDS);
    const [first, second] = await world.snapshots.list(DEBIAN);
    expect(first && (await world.listed(first))).toEqual({ Packages: sha256Of('one'), same: sha256Of('same') });
    expect(second && (await world.listed(second))).toEqual({ Packages: sha256Of('two'), same: sha256Of('same') });
    expect(second?.takenAt).toEqual(new Date(SECOND));
    expect(original.contents()).toEqual(before);
    expect(await world.check({ quiet: false })).toEqual([]);
  });

  it('shares the files instead of copying them', async () => {
    await run();
    const inode = (path: string) => fs.statSync(path).ino;
    expect(inode(world.blobPath(sha256Of('one') as never))).toBe(inode(original.path('debian', FIRST, 'Packages')));
    expect(inode(world.blobPath(sha256Of('two') as never))).toBe(inode(original.path('debian', SECOND, 'Packages')));
  });

  it('does nothing the second time', async () => {
    await run();
    const before = original.contents();
    expect(await run()).toEqual({ did: 0, left: 3, failed: 0 });
    expect(told()).toEqual([
      'left debian: it is registered here; its settings stay as they are',
      `left debian: snapshots/debian/${FIRST}: it is snapshot ${IDS[0] ?? ''} already`,
      `left debian: snapshots/debian/${SECOND}: it is snapshot ${IDS[1] ?? ''} already`,
    ]);
    expect([await ids(), original.contents()]).toEqual([IDS, before]);
  });

  it('goes on where it was cut off, whatever failed and whenever', async () => {
    freezeTo(`snapshots/debian/${FIRST}`);
    const broken = new Error('cut off');
    const failing = <T extends object>(thing: T, method: keyof T & string, nth: number): T => {
      let calls = 0;
      return new Proxy(thing, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          if (name !== method) return value.bind(target) as unknown;
          return (...args: unknown[]) => {
            calls += 1;
            return calls === nth ? Promise.reject(broken) : (value.apply(target, args) as unknown);
          };
        },
      });
    };
    const { repositories, snapshots } = world;
    const cuts: Partial<ImportParts>[] = [
      { repositories: failing(repositories, 'find', 1) },
      { snapshots: failing(snapshots, 'list', 1) },
      { snapshots: failing(snapshots, 'find', 1) },
      { repositories: failing(repositories, 'policyChanges', 1) },
    ];
    for (const parts of cuts) await expect(run({ parts })).rejects.toBe(broken);
    expect((await run()).failed).toBe(0);
    expect([await ids(), await frozenTo()]).toEqual([IDS, IDS[0]]);
    expect(await world.check({ quiet: false })).toEqual([]);
  });

  it('stops between trees when it is told to, and goes on the next time', async () => {
    const stop = new AbortController();
    const tell = (step: Step): void => {
      if (step.what.startsWith('made snapshot')) stop.abort(new Error('stopped'));
    };
    await expect(run({ signal: stop.signal, tell })).rejects.toThrow('stopped');
    expect(await ids()).toEqual(IDS.slice(0, 1));
    await run();
    expect(await ids()).toEqual(IDS);
  });

  it('says what it would do', async () => {
    freezeTo(`snapshots/debian/${FIRST}`);
    expect(await run({ dryRun: true })).toEqual({ did: 4, left: 0, failed: 0 });
    expect(told()).toEqual([
      'did debian: registered',
      `did debian: made a snapshot of snapshots/debian/${FIRST}, 2 files`,
      `did debian: made a snapshot of snapshots/debian/${SECOND}, 2 files`,
      `did debian: set its freeze to snapshots/debian/${FIRST}`,
    ]);
    expect([await world.repositories.list(), await ids(), fs.readdirSync(join(world.root, 'blobs'))]).toEqual([
      [],
      [],
      [],
    ]);
  });

  describe('that is frozen', () => {
    it.each(['relative', 'absolute'])('freezes to the snapshot of that directory (%s path)', async (kind) => {
      freezeTo(`${kind === 'absolute' ? `${original.storage}/` : ''}snapshots/debian/${FIRST}`);
      await run();
      expect(await frozenTo()).toBe(IDS[0]);
      expect((await run()).did).toBe(0);
    });

    it('makes a snapshot of a directory that was made by hand, first', async () => {
      original.put('debian', 'by-hand', { Packages: 'mine' });
      freezeTo('snapshots/debian/by-hand');
      expect(await run()).toMatchObject({ failed: 0 });
      const last = (await world.snapshots.list(DEBIAN)).at(-1);
      expect([last?.id, last?.takenAt]).toEqual([await frozenTo(), world.clock.now()]);
      expect(last && (await world.listed(last))).toEqual({ Packages: sha256Of('mine') });
    });

    it('stays unfrozen when it was unfrozen here since', async () => {
      freezeTo(`snapshots/debian/${FIRST}`);
      await run();
      await new UnfreezeRepository(world.repositories, world.clock).run(DEBIAN, ACT);
      expect(await run()).toMatchObject({ did: 0 });
      expect(await frozenTo()).toBeUndefined();
    });

    it.each(['snapshots/debian/2025-01-01T00:00:00+00:00', 'snapshots/other/x', 'source/debian', '/etc'])(
      'is not imported when it is frozen to %s, so that clients get nothing else',
      async (freeze) => {
        freezeTo(freeze);
        expect(await run()).toEqual({ did: 0, left: 0, failed: 1 });
        expect(await world.repositories.list()).toEqual([]);
      },
    );

    it('gets nothing newer when the directory cannot be taken', async () => {
      fs.symlinkSync('/etc', original.path('debian', FIRST, 'away'));
      freezeTo(`snapshots/debian/${FIRST}`);
      expect(await run()).toMatchObject({ failed: 1 });
      expect(told().at(-1)).toMatch(/frozen to a directory that cannot be taken: .*"away" is a link that leads out/);
      expect(await ids()).toEqual([]);
      fs.rmSync(original.path('debian', FIRST, 'away'));
      expect(await run()).toMatchObject({ failed: 0 });
      expect([await ids(), await frozenTo()]).toEqual([IDS, IDS[0]]);
    });
  });

  it.each<[string, (tree: string) => void, RegExp]>([
    ['a link that leaves it', (tree) => fs.symlinkSync('/etc', join(tree, 'away')), /"away" is a link that leads out/],
    ['nothing in it', (tree) => ['Packages', 'same'].forEach((name) => fs.rmSync(join(tree, name))), /has no files/],
  ])('goes on after a tree with %s', async (_, spoil, reason) => {
    spoil(original.path('debian', FIRST));
    original.put('debian', 'by-hand', { a: 'a' });
    expect(await run()).toEqual({ did: 2, left: 0, failed: 2 });
    expect(steps.filter(({ outcome }) => outcome === 'failed').map(({ what }) => what)).toEqual([
      expect.stringContaining('snapshots/debian/by-hand: its name is no time'),
      expect.stringMatching(reason),
    ]);
    expect(await ids()).toEqual(IDS.slice(1));
  });

  it('goes on after a repository that cannot be taken, and names all that is wrong with it', async () => {
    original.add({ name: 'NethSecurity' });
    original.add({ name: 'bad', command: '', sub_dir: '../x', delay: -1 });
    original.add({ name: 'good' });
    expect(await run()).toEqual({ did: 4, left: 0, failed: 2 });
    expect(told()[3]).toMatch(/^failed NethSecurity: "NethSecurity" is not a repository name\./);
    expect(told()[4]).toMatch(/^failed bad: .*command.*source folder "\.\.\/x".*delay "-1"/);
    expect((await world.repositories.list()).map(({ name }) => name)).toEqual(['debian', 'good']);
  });

  it('adopts nothing older than what is here, and leaves the settings of whoever was faster', async () => {
    await world.register();
    world.clock.advance(30 * DAY);
    world.change({ a: 'a' });
    const { id } = await world.take();
    expect(await run()).toEqual({ did: 0, left: 3, failed: 0 });
    expect([await ids(), (await world.repositories.find(DEBIAN))?.command]).toEqual([[id], 'true']);
  });

  it('leaves a repository that somebody syncs just now', async () => {
    await world.leases.acquire('repository:debian', 'worker', MINUTE);
    expect(await run()).toEqual({ did: 0, left: 0, failed: 1 });
    expect(told()[0]).toContain('is being synced');
  });

  it('finds snapshots where the original was told to keep them', async () => {
    original.put('other', FIRST, { a: 'a' }, 'var/trees');
    original.add({ name: 'other', freeze: `var/trees/other/${FIRST}` });
    await run({ snapshotsFolder: 'var/trees/' });
    expect(await ids(repositoryName('other'))).toEqual(IDS.slice(0, 1));
    expect((await world.repositories.find(repositoryName('other')))?.freeze?.snapshot).toBe(IDS[0]);
  });

  it('takes an old storage for our disk, and marks it as such', async () => {
    fs.rmSync(join(world.root, '.parceler-disk'));
    await expect(run()).rejects.toMatchObject({ code: 'DISK_NOT_MARKED' });
    fs.cpSync(join(original.storage, 'snapshots'), join(world.root, 'snapshots'), { recursive: true });
    expect(await run({ storage: world.root })).toMatchObject({ did: 3, failed: 0 });
    expect(await run({ storage: world.root })).toMatchObject({ did: 0, failed: 0 });
    expect(fs.existsSync(join(world.root, '.parceler-disk'))).toBe(true);
    const tree = join(world.root, 'snapshots/debian', FIRST, 'Packages');
    expect(fs.statSync(world.blobPath(sha256Of('one') as never)).ino).toBe(fs.statSync(tree).ino);
    expect(await world.check({ quiet: false })).toEqual([]);
  });

  it.each<[string, () => Partial<ImportRequest>]>([
    ['no database', () => ({ database: original.path('debian', FIRST, 'Packages') })],
    ['not there', () => ({ database: join(original.folder, 'missing') })],
    ['a folder', () => ({ database: original.storage })],
    ['another database', () => ({ database: emptyDatabase() })],
    ['no storage', () => ({ storage: original.database })],
    ['nowhere', () => ({ storage: join(original.folder, 'missing') })],
  ])('refuses what is %s', async (_, request) => {
    await expect(run(request())).rejects.toMatchObject({ code: 'NOT_A_PARCELER', kind: 'invalid' });
  });
  const emptyDatabase = (): string => {
    fs.writeFileSync(join(original.folder, 'empty.sqlite'), '');
    return join(original.folder, 'empty.sqlite');
  };
});
