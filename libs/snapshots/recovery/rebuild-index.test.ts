import { rmSync, writeFileSync } from 'node:fs';

import { type NewSnapshot } from '../snapshot.js';
import { InMemorySnapshotStore } from '../testing/in-memory-snapshot-store.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '../testing/snapshot-world.js';
import { RebuildIndex } from './rebuild-index.js';

describe('RebuildIndex', () => {
  let world: SnapshotWorld;
  let taken: NewSnapshot[];

  beforeEach(async () => {
    world = await SnapshotWorld.make();
    await world.register();
    taken = [];
    for (let day = 1; day <= 5; day += 1) {
      world.change({ [`file-${String(day)}`]: 'new', changing: String(day), 'file-1': day === 4 ? undefined : 'new' });
      taken.push(await world.take());
    }
  });
  afterEach(() => world.remove());

  const nth = (number: number): NewSnapshot => {
    const snapshot = taken[number - 1];
    if (snapshot === undefined) throw new Error('there are five');
    return snapshot;
  };
  const rebuild = async (snapshots = world.index.snapshots) =>
    new RebuildIndex(world.disk, snapshots).run({ repository: DEBIAN, fence: await world.fence(), act: BY_TEST });
  /** All that can be asked of an index. */
  const contents = async (store: InMemorySnapshotStore = world.snapshots) => {
    const snapshots = await store.list(DEBIAN);
    const files: unknown[] = [];
    for (const { sequence } of snapshots) {
      for await (const file of store.catalog.files(DEBIAN, sequence)) files.push([sequence, file]);
    }
    return { snapshots, files, lastSequence: await store.lastSequence(DEBIAN) };
  };

  it('makes the same index as there was, states and all', async () => {
    await world.snapshots.supersedeBefore(DEBIAN, { sequence: nth(3).sequence, at: world.clock.now() }, BY_TEST);
    await world.snapshots.move(DEBIAN, nth(4).id, 'complete', 'damaged', { ...BY_TEST, note: 'a bit flipped' });
    await world.snapshots.move(DEBIAN, nth(2).id, 'superseded', 'removing', BY_TEST);
    await world.disk.removeAll(`snapshots/debian/${nth(2).id}/` as never);
    await world.snapshots.forget(DEBIAN, nth(2).id);
    const before = await contents();
    world.clock.advance(60_000);

    expect(await rebuild()).toEqual({
      snapshots: [1, 3, 4, 5].map((number) => nth(number).id),
      found: [],
      lost: [],
    });
    expect(await contents()).toEqual(before);
    expect(await world.check()).toEqual([]);
    const next = await world.take();
    expect(next.sequence).toBe(6);
    expect(await world.check()).toEqual([]);
  });

  it('makes one where there is none: what the disk says of each', async () => {
    const empty = new InMemorySnapshotStore(undefined, world.clock, world.repositories);
    const { snapshots, found } = await rebuild(empty);
    expect(found).toEqual(taken.map(({ id }) => id));
    expect(snapshots).toEqual(found);
    const [before, after] = [await contents(), await contents(empty)];
    expect(after.files).toEqual(before.files);
    expect(after.snapshots.map(({ manifestSha256 }) => manifestSha256)).toEqual(
      before.snapshots.map(({ manifestSha256 }) => manifestSha256),
    );
  });

  it('tells which snapshots have lost their manifest, and has them no more', async () => {
    writeFileSync(world.manifestPath(nth(2).id), 'torn');
    expect(await rebuild()).toMatchObject({ lost: [nth(2).id] });
    expect(Object.keys(await world.states())).toEqual([1, 3, 4, 5].map((number) => nth(number).id));
    expect(await world.snapshots.lastSequence(DEBIAN)).toBe(5);
  });

  it('believes no disk that is not mounted, and none that is older than the index (T-32, T-39)', async () => {
    const before = await contents();
    rmSync(`${world.root}/snapshots/debian/.noted/${nth(5).id}`);
    rmSync(world.manifestPath(nth(5).id));
    await expect(rebuild()).rejects.toMatchObject({ code: 'DISK_OLDER' });
    rmSync(`${world.root}/.parceler-disk`);
    await expect(rebuild()).rejects.toMatchObject({ code: 'DISK_NOT_MARKED' });
    expect(await contents()).toEqual(before);
  });
});
