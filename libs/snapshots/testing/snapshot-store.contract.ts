import { type SnapshotState } from '../snapshot.js';
import { type MovingAct } from '../snapshot-store.js';
import {
  ACT,
  changesOf,
  collect,
  forgetSnapshot,
  newSnapshot,
  OPENWRT,
  type Changes,
  type IndexUnderTest,
} from './index-under-test.js';
import { DEBIAN } from './arbitrary-snapshots.js';

/** What every snapshot store has to do. */
export function describeSnapshotStore(name: string, make: () => Promise<IndexUnderTest>): void {
  describe(`${name} (snapshot store)`, () => {
    let index: IndexUnderTest;

    beforeEach(async () => {
      index = await make();
    });
    afterEach(() => index.remove());

    const publish = (sequence: number, changes: Changes, files: number) =>
      index.store.publish(newSnapshot(sequence, files), changesOf(changes), { ...ACT, fence: index.fence });
    const listed = async (repository = DEBIAN) => (await index.store.list(repository)).map(({ sequence }) => sequence);

    describe('publish', () => {
      it('makes the snapshot and its files visible, in the state given', async () => {
        const snapshot = { ...newSnapshot(1, 2, 'held'), note: 'too small' };
        await index.store.publish(snapshot, changesOf({ a: 1, b: 2 }), { ...ACT, fence: index.fence });
        const expected = { ...snapshot, stateSince: index.clock.now() };
        expect(await index.store.list(DEBIAN)).toEqual([expected]);
        expect(await index.store.find(DEBIAN, snapshot.id)).toEqual(expected);
        expect(await collect(index.catalog.files(DEBIAN, 1))).toHaveLength(2);
      });

      it('lists by sequence, each repository for itself', async () => {
        await publish(3, { a: 1 }, 1);
        await publish(7, {}, 1);
        await publish(20, {}, 1);
        expect(await listed()).toEqual([3, 7, 20]);
        expect(await listed(OPENWRT)).toEqual([]);
        expect(await index.store.lastSequence(DEBIAN)).toBe(20);
        expect(await index.store.lastSequence(OPENWRT)).toBe(0);
        expect(await index.store.find(OPENWRT, newSnapshot(3, 1).id)).toBeUndefined();
      });

      it('takes a thousand and more changes', async () => {
        const paths = Array.from({ length: 1_501 }, (_, number) => `pool/${String(number)}`);
        await publish(1, Object.fromEntries(paths.map((path) => [path, 1])), paths.length);
        await publish(2, Object.fromEntries(paths.map((path, number) => [path, number % 3 ? 2 : undefined])), 1_000);
        expect(await collect(index.catalog.files(DEBIAN, 1))).toHaveLength(1_501);
        expect(await collect(index.catalog.files(DEBIAN, 2))).toHaveLength(1_000);
      });

      it.each([
        ['its id', { ...newSnapshot(3, 0), id: newSnapshot(2, 0).id }],
        ['its sequence', { ...newSnapshot(2, 0), id: newSnapshot(3, 0).id }],
        ['a later sequence', { ...newSnapshot(1, 0), id: newSnapshot(3, 0).id }],
      ])('refuses a snapshot when %s is taken', async (_, snapshot) => {
        await publish(2, {}, 0);
        await expect(index.store.publish(snapshot, [], { ...ACT, fence: index.fence })).rejects.toMatchObject({
          code: 'SNAPSHOT_EXISTS',
        });
        expect(await listed()).toEqual([2]);
        expect(await index.store.lastSequence(DEBIAN)).toBe(2);
      });

      it('gives no sequence twice, not even that of a snapshot that was forgotten (T-42)', async () => {
        await publish(1, {}, 0);
        await forgetSnapshot(index, newSnapshot(1, 0));
        expect(await index.store.lastSequence(DEBIAN)).toBe(1);
        await expect(publish(1, {}, 0)).rejects.toMatchObject({ code: 'SNAPSHOT_EXISTS' });
      });

      it('changes nothing for a holder that was overtaken (I-13)', async () => {
        await publish(1, { a: 1 }, 1);
        await index.overtake();
        await expect(publish(2, { b: 1 }, 2)).rejects.toMatchObject({ code: 'LEASE_LOST' });
        expect(await listed()).toEqual([1]);
        expect(await index.store.lastSequence(DEBIAN)).toBe(1);
        expect(await index.catalog.find(DEBIAN, 2, 'b')).toBeUndefined();
      });

      it.each([
        ['a file too few', { b: 2 }, 3],
        ['a file too many', { b: 2, c: 3 }, 2],
        ['the removal of what is not there', { b: 2, x: undefined }, 1],
      ])('publishes nothing when the changes bring %s', async (_, changes, files) => {
        await publish(1, { a: 1 }, 1);
        await expect(publish(2, changes, files)).rejects.toMatchObject({ code: 'CATALOG_MISMATCH' });
        expect(await listed()).toEqual([1]);
        expect(await collect(index.catalog.files(DEBIAN, 1))).toHaveLength(1);
        await publish(2, { b: 2 }, 2);
      });

      it('publishes nothing when the changes break off (I-15)', async () => {
        await publish(1, { a: 1 }, 1);
        const breaking = function* () {
          yield* changesOf(Object.fromEntries(Array.from({ length: 600 }, (_, number) => [`b${String(number)}`, 1])));
          throw new Error('on purpose');
        };
        const publication = index.store.publish(newSnapshot(2, 601), breaking(), { ...ACT, fence: index.fence });
        await expect(publication).rejects.toThrow('on purpose');
        expect(await listed()).toEqual([1]);
        await publish(2, { c: 1 }, 2);
        expect((await collect(index.catalog.files(DEBIAN, 2))).map(({ path }) => path)).toEqual(['a', 'c']);
      });
    });

    describe('what becomes true together with a publication', () => {
      const publishWith = (together: () => Promise<void>) =>
        index.store.publish(newSnapshot(2, 1), changesOf({ b: 1, a: undefined }), {
          ...ACT,
          fence: index.fence,
          run: 12,
          together,
        });

      beforeEach(() => publish(1, { a: 1 }, 1));

      it('sees the snapshot, with the run that made it', async () => {
        let seen: unknown;
        await publishWith(async () => void (seen = await index.store.find(DEBIAN, newSnapshot(2, 1).id)));
        expect(seen).toMatchObject({ sequence: 2, run: 12 });
        expect(await index.store.find(DEBIAN, newSnapshot(2, 1).id)).toEqual(seen);
      });

      it('takes the publication with it when it fails (T-11, T-15)', async () => {
        const failing = publishWith(async () => {
          await index.store.supersedeBefore(DEBIAN, { sequence: 2, at: index.clock.now() }, ACT);
          throw new Error('on purpose');
        });
        await expect(failing).rejects.toThrow('on purpose');
        expect(await listed()).toEqual([1]);
        expect(await index.store.find(DEBIAN, newSnapshot(1, 1).id)).toMatchObject({ state: 'complete' });
        expect(await index.store.lastMilestone(DEBIAN)).toBeUndefined();
        expect(await index.store.lastSequence(DEBIAN)).toBe(1);
        await publish(2, { b: 1 }, 2);
      });
    });

    describe('rebuild', () => {
      const rebuild = (publishAll: () => Promise<void>) => index.store.rebuild(DEBIAN, index.fence, ACT, publishAll);

      beforeEach(async () => {
        await publish(4, { a: 1 }, 1);
        await publish(7, { b: 2 }, 2);
      });

      it('has what is published in it and nothing else, and goes on with the sequence (T-42)', async () => {
        const since = new Date(index.clock.now().getTime() - 60_000);
        const again = { ...newSnapshot(4, 1), state: 'superseded' as const };
        await rebuild(() =>
          index.store.publish(again, changesOf({ c: 3 }), { ...ACT, fence: index.fence, run: 3, since }),
        );
        expect(await index.store.list(DEBIAN)).toEqual([{ ...again, stateSince: since, run: 3 }]);
        expect((await collect(index.catalog.files(DEBIAN, 4))).map(({ path }) => path)).toEqual(['c']);
        expect(await index.store.lastSequence(DEBIAN)).toBe(7);
        expect(await index.store.stateChanges(DEBIAN, new Date(0))).toHaveLength(1); // the one of its first publication
        await publish(8, { d: 1 }, 2);
        expect((await collect(index.catalog.files(DEBIAN, 8))).map(({ path }) => path)).toEqual(['c', 'd']);
      });

      it('changes nothing when it breaks off, or for a holder that was overtaken (I-13)', async () => {
        const before = await index.store.list(DEBIAN);
        const breaking = rebuild(async () => {
          await publish(1, { c: 3 }, 1);
          throw new Error('on purpose');
        });
        await expect(breaking).rejects.toThrow('on purpose');
        expect(await index.store.list(DEBIAN)).toEqual(before);
        expect((await collect(index.catalog.files(DEBIAN, 7))).map(({ path }) => path)).toEqual(['a', 'b']);
        await index.overtake();
        await expect(rebuild(() => Promise.resolve())).rejects.toMatchObject({ code: 'LEASE_LOST' });
        expect(await index.store.list(DEBIAN)).toEqual(before);
      });
    });

    describe('supersedeBefore', () => {
      const states = async () =>
        Object.fromEntries((await index.store.list(DEBIAN)).map(({ sequence, state }) => [sequence, state]));

      it('supersedes what is complete and older, and remembers the milestone', async () => {
        for (const sequence of [1, 2, 3, 4, 5]) await publish(sequence, {}, 0);
        await index.store.move(DEBIAN, newSnapshot(2, 0).id, 'complete', 'damaged', ACT);
        index.clock.advance(5_000);
        const superseded = await index.store.supersedeBefore(DEBIAN, { sequence: 4, at: index.clock.now() }, ACT);
        expect(superseded).toEqual([1, 3].map((sequence) => newSnapshot(sequence, 0).id));
        expect(await states()).toEqual({
          1: 'superseded',
          2: 'damaged',
          3: 'superseded',
          4: 'complete',
          5: 'complete',
        });
        expect(await index.store.lastMilestone(DEBIAN)).toEqual({ sequence: 4, at: index.clock.now() });
        expect(await index.store.lastMilestone(OPENWRT)).toBeUndefined();
        const changes = await index.store.stateChanges(DEBIAN, index.clock.now());
        expect(changes.map(({ before }) => before)).toEqual(['complete', 'complete']);
      });

      it('leaves the one that the repository is frozen to (I-11)', async () => {
        for (const sequence of [1, 2]) await publish(sequence, {}, 0);
        await index.freeze({
          snapshot: newSnapshot(1, 0).id,
          at: index.clock.now(),
          reason: undefined,
          until: undefined,
        });
        expect(await index.store.supersedeBefore(DEBIAN, { sequence: 2, at: index.clock.now() }, ACT)).toEqual([]);
        expect(await states()).toEqual({ 1: 'complete', 2: 'complete' });
      });
    });

    describe('move', () => {
      const { id } = newSnapshot(1, 0);
      const stateOf = async () => (await index.store.find(DEBIAN, id))?.state;

      beforeEach(() => publish(1, {}, 0));

      it('changes state, note and since when', async () => {
        index.clock.advance(5_000);
        expect(await index.store.move(DEBIAN, id, 'complete', 'damaged', { ...ACT, note: 'a is missing' })).toBe(true);
        const damaged = { state: 'damaged', note: 'a is missing', stateSince: index.clock.now() };
        expect(await index.store.find(DEBIAN, id)).toMatchObject(damaged);
        expect(await index.store.move(DEBIAN, id, 'damaged', 'complete', ACT)).toBe(true);
        expect(await index.store.find(DEBIAN, id)).toMatchObject({ state: 'complete', note: undefined });
      });

      it('does nothing when the snapshot is in another state by now, or is not there', async () => {
        await index.store.move(DEBIAN, id, 'complete', 'superseded', ACT);
        expect(await index.store.move(DEBIAN, id, 'complete', 'damaged', ACT)).toBe(false);
        expect(await stateOf()).toBe('superseded');
        expect(await index.store.move(DEBIAN, newSnapshot(9, 0).id, 'complete', 'damaged', ACT)).toBe(false);
        expect(await index.store.move(OPENWRT, id, 'superseded', 'damaged', ACT)).toBe(false);
      });

      it('leaves the other snapshots alone', async () => {
        await publish(2, {}, 0);
        await index.store.move(DEBIAN, id, 'complete', 'damaged', ACT);
        expect((await index.store.list(DEBIAN)).map(({ state }) => state)).toEqual(['damaged', 'complete']);
      });

      describe.each<SnapshotState>(['removing', 'superseded'])('to %s', (to) => {
        const freeze = (until?: Date, snapshot = id) =>
          index.freeze({ snapshot, at: index.clock.now(), reason: undefined, until });
        const move = (act: MovingAct = ACT) => index.store.move(DEBIAN, id, 'complete', to, act);

        it('does nothing to the one that the repository was frozen to meanwhile (I-05, I-11)', async () => {
          await freeze();
          expect(await move()).toBe(false);
          expect(await stateOf()).toBe('complete');
          expect(await index.audits()).toHaveLength(1);
        });

        it('is done from the instant on at which the freeze ends', async () => {
          await freeze(new Date(index.clock.now().getTime() + 5_000));
          index.clock.advance(4_999);
          expect(await move()).toBe(false);
          index.clock.advance(1);
          expect(await move()).toBe(true);
        });

        it('is done beside a freeze to another one', async () => {
          await freeze(undefined, newSnapshot(2, 0).id);
          expect(await move()).toBe(true);
        });

        it('is done in spite of a freeze to what is gone from the disk already', async () => {
          await freeze();
          expect(await move({ ...ACT, gone: true })).toBe(true);
        });
      });

      it('tells of damage in spite of a freeze', async () => {
        await index.freeze({ snapshot: id, at: index.clock.now(), reason: undefined, until: undefined });
        expect(await index.store.move(DEBIAN, id, 'complete', 'damaged', ACT)).toBe(true);
      });

      it.each<[SnapshotState, SnapshotState]>([
        ['complete', 'held'],
        ['complete', 'complete'],
        ['removing', 'complete'],
        ['superseded', 'held'],
        ['held', 'superseded'],
      ])('refuses to go from %s to %s', async (from, to) => {
        const moving = (async () => index.store.move(DEBIAN, id, from, to, ACT))();
        await expect(moving).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
        expect(await stateOf()).toBe('complete');
      });
    });

    describe('stateChanges', () => {
      it('tells what was done to the snapshots that are there, the latest first', async () => {
        const [first, second] = [newSnapshot(1, 0), newSnapshot(2, 0)];
        const begin = index.clock.now();
        await publish(1, {}, 0);
        index.clock.advance(1_000);
        const since = index.clock.now();
        await publish(2, {}, 0);
        index.clock.advance(1_000);
        await index.store.move(DEBIAN, first.id, 'complete', 'damaged', ACT);
        await index.store.move(DEBIAN, first.id, 'damaged', 'complete', ACT);
        const moved = index.clock.now();

        const changes = [
          { at: moved, snapshot: first.id, before: 'damaged' },
          { at: moved, snapshot: first.id, before: 'complete' },
          { at: since, snapshot: second.id, before: undefined },
        ];
        expect(await index.store.stateChanges(DEBIAN, since)).toEqual(changes);
        expect(await index.store.stateChanges(DEBIAN, begin)).toEqual([
          ...changes,
          { at: begin, snapshot: first.id, before: undefined },
        ]);
        expect(await index.store.stateChanges(OPENWRT, begin)).toEqual([]);
        await forgetSnapshot(index, first);
        expect(await index.store.stateChanges(DEBIAN, begin)).toEqual(changes.slice(2));
      });
    });

    describe('forget', () => {
      it('drops what is being removed, and nothing else', async () => {
        await publish(1, { a: 1 }, 1);
        await publish(2, { b: 1 }, 2);
        await index.store.forget(DEBIAN, newSnapshot(1, 0).id);
        expect(await listed()).toEqual([1, 2]);
        await forgetSnapshot(index, newSnapshot(1, 1));
        await index.store.forget(DEBIAN, newSnapshot(1, 0).id);
        expect(await listed()).toEqual([2]);
      });

      it('drops a repository whole, but not what stands beside it', async () => {
        await publish(1, { a: 1 }, 1);
        await index.store.publish({ ...newSnapshot(1, 1), repository: OPENWRT }, changesOf({ b: 1 }), {
          ...ACT,
          fence: index.fence,
        });
        await index.store.forgetAll(index.debian, index.fence);
        expect(await listed()).toEqual([]);
        expect(await index.store.lastSequence(DEBIAN)).toBe(1);
        expect(await collect(index.catalog.files(DEBIAN, 1))).toEqual([]);
        expect(await collect(index.catalog.files(OPENWRT, 1))).toHaveLength(1);
        await publish(2, { c: 1 }, 1);
        expect((await collect(index.catalog.files(DEBIAN, 2))).map(({ path }) => path)).toEqual(['c']);
      });

      it('drops no repository for a holder that was overtaken (I-13)', async () => {
        await publish(1, { a: 1 }, 1);
        await index.overtake();
        await expect(index.store.forgetAll(index.debian, index.fence)).rejects.toMatchObject({ code: 'LEASE_LOST' });
        expect(await listed()).toEqual([1]);
        expect(await collect(index.catalog.files(DEBIAN, 1))).toHaveLength(1);
      });
    });

    it('leaves a record of every change, and none of what did not happen (I-30)', async () => {
      const { id } = newSnapshot(1, 0);
      await publish(1, {}, 0);
      await publish(1, {}, 0).catch(() => undefined);
      await index.store.move(DEBIAN, id, 'complete', 'superseded', ACT);
      await index.store.move(DEBIAN, id, 'complete', 'superseded', ACT);
      expect(await index.audits()).toEqual([
        { action: 'publish-snapshot', subject: `snapshot:debian/${id}`, reason: 'because' },
        { action: 'move-snapshot', subject: `snapshot:debian/${id}`, reason: 'because' },
      ]);
    });
  });
}
