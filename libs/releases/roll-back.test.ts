import { DAY, HOUR } from '#libs/kernel/duration.js';
import { actor } from '#libs/kernel/actor.js';
import { snapshotId } from '#libs/kernel/ids.js';
import { RestoreSnapshot } from '#libs/snapshots/restore-snapshot.js';
import { type NewSnapshot } from '#libs/snapshots/snapshot.js';
import { stableSnapshot } from '#libs/snapshots/stable-snapshot.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '#libs/snapshots/testing/snapshot-world.js';

import { RollBack } from './roll-back.js';

const ACT = { actor: actor('cli', 'root') };
/** In memory every step is done at once; that a whole is undone is what `libs/persistence` shows. */
const unitOfWork = { run: <T>(work: () => Promise<T>) => work() };

describe('going back', () => {
  let world: SnapshotWorld;
  let first: NewSnapshot;
  let second: NewSnapshot;
  let third: NewSnapshot;

  beforeEach(async () => {
    world = await SnapshotWorld.make();
    await world.register();
    world.change({ a: 'a' });
    first = await world.take();
    second = await world.take();
    third = await world.take();
  });
  afterEach(() => world.remove());

  const repository = async () => {
    const found = await world.repositories.find(DEBIAN);
    if (found === undefined) throw new Error('it was registered');
    return found;
  };
  const served = async () =>
    stableSnapshot(await world.snapshots.list(DEBIAN), await repository(), world.clock.now())?.snapshot.id;
  const rollBack = (snapshot?: string, reason?: string) =>
    new RollBack(world.repositories, world.snapshots, unitOfWork, world.clock).run({
      repository: DEBIAN,
      snapshot: snapshot === undefined ? undefined : snapshotId(snapshot),
      act: { ...ACT, reason },
    });
  const milestone = async (newest: NewSnapshot) => {
    world.clock.advance(HOUR);
    await world.snapshots.supersedeBefore(DEBIAN, { sequence: newest.sequence, at: world.clock.now() }, BY_TEST);
  };

  describe('RollBack', () => {
    it('goes back to what was served before a milestone, and stays there (I-06)', async () => {
      await world.repositories.update(DEBIAN, { delay: 7 }, world.clock.now());
      expect(await served()).toBe(first.id);
      await milestone(third);
      expect(await served()).toBe(third.id);
      world.clock.advance(HOUR);
      expect(await rollBack()).toEqual({ from: third.id, to: first.id });
      expect(await served()).toBe(first.id);
      world.clock.advance(30 * DAY);
      await world.take();
      expect(await served()).toBe(first.id);
      expect((await repository()).freeze).toMatchObject({ reason: `rolled back from ${third.id}`, until: undefined });
      expect(await world.check()).toEqual([]);
    });

    it('goes back one by one to what newer snapshots replaced', async () => {
      world.clock.advance(HOUR);
      expect(await rollBack(undefined, 'faulty kernel')).toEqual({ from: third.id, to: second.id });
      expect((await repository()).freeze).toMatchObject({ snapshot: second.id, reason: 'faulty kernel' });
      world.clock.advance(HOUR);
      expect(await rollBack()).toEqual({ from: second.id, to: third.id });
    });

    it('passes over what cannot be served any more', async () => {
      world.clock.advance(HOUR);
      await world.snapshots.move(DEBIAN, second.id, 'complete', 'damaged', BY_TEST);
      expect(await rollBack()).toEqual({ from: third.id, to: first.id });
    });

    it('goes to the one that is named, also from a freeze to another one (I-11)', async () => {
      await milestone(third);
      await world.freeze(third.id);
      expect(await rollBack(second.id)).toEqual({ from: third.id, to: second.id });
      expect(await served()).toBe(second.id);
      expect(await world.states()).toMatchObject({ [first.id]: 'superseded', [second.id]: 'complete' });
    });

    it.each<[string, () => Promise<unknown>, string]>([
      ['what is served already', () => rollBack(third.id), 'SERVED_ALREADY'],
      ['what is not there', () => rollBack('20250101T000000Z'), 'SNAPSHOT_NOT_FOUND'],
      [
        'what is damaged',
        async () => {
          await world.snapshots.move(DEBIAN, first.id, 'complete', 'damaged', BY_TEST);
          await rollBack(first.id);
        },
        'SNAPSHOT_NOT_COMPLETE',
      ],
      [
        'nothing, where nothing else was served',
        async () => {
          for (const { id } of [first, second]) await world.snapshots.move(DEBIAN, id, 'complete', 'removing', BY_TEST);
          await rollBack();
        },
        'NOTHING_SERVED_BEFORE',
      ],
    ])('refuses to go back to %s', async (_, act, code) => {
      await expect(act()).rejects.toMatchObject({ code });
      expect((await repository()).freeze).toBeUndefined();
      expect(await served()).toBe(third.id);
    });
  });

  describe('RestoreSnapshot', () => {
    const restore = (snapshot: string) =>
      new RestoreSnapshot(world.snapshots, world.repositories).run({
        repository: DEBIAN,
        snapshot: snapshotId(snapshot),
        act: ACT,
      });

    it('puts a superseded snapshot back among those that time decides on', async () => {
      await world.repositories.update(DEBIAN, { delay: 7 }, world.clock.now());
      await milestone(third);
      expect(await restore(second.id)).toMatchObject({ id: second.id, state: 'complete' });
      expect(await served()).toBe(second.id);
    });

    it('refuses one that is not superseded', async () => {
      await expect(restore(second.id)).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_SUPERSEDED' });
      await expect(restore('20250101T000000Z')).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    });
  });
});
