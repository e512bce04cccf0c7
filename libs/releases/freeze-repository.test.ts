import { actor } from '#libs/kernel/actor.js';
import { HOUR, MINUTE } from '#libs/kernel/duration.js';
import { repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { InMemoryRepositoryStore } from '#libs/repositories/testing/in-memory-repository-store.js';
import { type AdoptRequest } from '#libs/snapshots/recovery/adopt-directory.js';
import { type NewSnapshot } from '#libs/snapshots/snapshot.js';
import { DEBIAN, SnapshotWorld } from '#libs/snapshots/testing/snapshot-world.js';

import { ChooseSnapshot } from './choose-snapshot.js';
import { FreezeRepository, type FreezeRequest } from './freeze-repository.js';
import { UnfreezeRepository } from './unfreeze-repository.js';

const ACT = { actor: actor('cli', 'root'), reason: 'faulty kernel' };

describe('freezing', () => {
  let world: SnapshotWorld;
  let repositories: InMemoryRepositoryStore;
  let first: NewSnapshot;
  let second: NewSnapshot;
  const adopted: AdoptRequest[] = [];

  beforeEach(async () => {
    adopted.splice(0);
    world = await SnapshotWorld.make();
    repositories = new InMemoryRepositoryStore();
    await repositories.add(
      DEBIAN,
      {
        command: 'true',
        sourceFolder: undefined,
        delay: 7,
        holdBack: 'window',
        schedule: undefined,
        editions: ['community'],
      },
      world.clock.now(),
    );
    world.change({ a: 'a' });
    first = await world.take();
    second = await world.take();
  });
  afterEach(() => world.remove());

  const adopt = {
    run: async (request: AdoptRequest) => {
      adopted.push(request);
      return world.take();
    },
  };
  const freeze = (request: Partial<FreezeRequest> = {}, stores: { repositories?: typeof repositories } = {}) =>
    new FreezeRepository(
      stores.repositories ?? repositories,
      world.snapshots,
      new ChooseSnapshot(world.snapshots, world.disk, adopt, world.leases),
      world.clock,
    ).run({ repository: DEBIAN, act: ACT, ...request });
  const unfreeze = (name: RepositoryName = DEBIAN) => new UnfreezeRepository(repositories, world.clock).run(name, ACT);
  const frozen = async () => (await repositories.find(DEBIAN))?.freeze;

  it('pins what is served now', async () => {
    const { repository, snapshot, adopted: directory } = await freeze();
    expect([snapshot.id, directory]).toEqual([first.id, undefined]);
    expect(repository.freeze).toEqual({
      snapshot: first.id,
      at: world.clock.now(),
      reason: 'faulty kernel',
      until: undefined,
    });
    expect(await frozen()).toEqual(repository.freeze);
  });

  it.each(['ours', 'extended', 'path'])('pins the snapshot that is named, in the form "%s"', async (form) => {
    const extended = `${second.takenAt.toISOString().slice(0, 19)}+00:00`;
    const targets: Record<string, string> = {
      extended,
      path: `${world.root}/snapshots/debian/${second.id}`,
      ours: second.id,
    };
    await freeze({ target: targets[form] });
    expect(await frozen()).toMatchObject({ snapshot: second.id });
    expect(adopted).toEqual([]);
  });

  it('ends by itself at the given time', async () => {
    await freeze({ until: new Date(world.clock.now().getTime() + HOUR) });
    await expect(freeze()).rejects.toMatchObject({ code: 'REPOSITORY_FROZEN' });
    world.clock.advance(HOUR);
    await expect(unfreeze()).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FROZEN' });
    await expect(freeze()).resolves.toMatchObject({ snapshot: { id: first.id } });
  });

  it('refuses an end that is past', async () => {
    await expect(freeze({ until: world.clock.now() })).rejects.toMatchObject({
      code: 'INVALID_UNTIL',
      kind: 'invalid',
    });
    expect(await frozen()).toBeUndefined();
  });

  it('refuses one that is frozen already, and keeps that freeze', async () => {
    await freeze();
    await expect(freeze({ target: second.id })).rejects.toMatchObject({ code: 'REPOSITORY_FROZEN', kind: 'conflict' });
    expect(await frozen()).toMatchObject({ snapshot: first.id });
  });

  it.each(['held', 'superseded', 'damaged', 'removing'] as const)('refuses a snapshot that is %s', async (state) => {
    if (state === 'held') {
      world.change({ a: undefined });
      second = await world.take();
    } else await world.snapshots.move(DEBIAN, second.id, 'complete', state, ACT);
    await expect(freeze({ target: second.id })).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_COMPLETE' });
    expect(await frozen()).toBeUndefined();
  });

  it.each(['20200101T000000Z', 'by-hand'])('refuses "%s", which is not there', async (target) => {
    await expect(freeze({ target })).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND', kind: 'not-found' });
    expect(adopted).toEqual([]);
  });

  it('refuses a repository that is not there, or serves nothing', async () => {
    await expect(freeze({ repository: repositoryName('none') })).rejects.toMatchObject({
      code: 'REPOSITORY_NOT_FOUND',
    });
    for (const { id } of [first, second]) await world.snapshots.move(DEBIAN, id, 'complete', 'removing', ACT);
    await expect(freeze()).rejects.toMatchObject({ code: 'NOTHING_SERVED' });
  });

  describe('to a directory made by hand', () => {
    beforeEach(() => {
      world.change({ '../../snapshots/debian/by-hand/a': 'a' });
    });

    it('adopts it first, under the lease of the repository', async () => {
      const { snapshot, adopted: directory } = await freeze({ target: 'snapshots/debian/by-hand/' });
      expect(directory).toBe('by-hand');
      expect(adopted).toMatchObject([
        { repository: 'debian', directory: 'by-hand', fence: { name: 'repository:debian' } },
      ]);
      expect(await frozen()).toMatchObject({ snapshot: snapshot.id });
      expect(await world.leases.holder('repository:debian')).toBeUndefined();
    });

    it('does not while the repository is being synced', async () => {
      await world.leases.acquire('repository:debian', 'worker', MINUTE);
      await expect(freeze({ target: 'by-hand' })).rejects.toMatchObject({ code: 'REPOSITORY_BUSY', kind: 'conflict' });
      await expect(freeze({ target: second.id })).resolves.toBeDefined();
    });
  });

  it('does not stay frozen to a snapshot that was pruned at the same time', async () => {
    const racing = new Proxy(repositories, {
      get: (store, name: keyof InMemoryRepositoryStore) =>
        name === 'freeze'
          ? async (...freezing: Parameters<InMemoryRepositoryStore['freeze']>) => {
              await world.snapshots.move(DEBIAN, first.id, 'complete', 'removing', ACT);
              return store.freeze(...freezing);
            }
          : (store[name] as () => unknown).bind(store),
    });
    await expect(freeze({}, { repositories: racing })).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_COMPLETE' });
    expect(await frozen()).toBeUndefined();
  });

  describe('unfreezing', () => {
    it('lets time decide again', async () => {
      await freeze();
      expect((await unfreeze()).freeze).toBeUndefined();
      expect(await frozen()).toBeUndefined();
    });

    it('refuses one that is not frozen, or not there', async () => {
      await expect(unfreeze()).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FROZEN', kind: 'conflict' });
      await expect(unfreeze(repositoryName('none'))).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    });
  });
});
