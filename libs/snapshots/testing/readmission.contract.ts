import fc from 'fast-check';

import { type Sha256 } from '#libs/storage/layout.js';

import { catalogChanges } from '../catalog/catalog-changes.js';
import { type NewSnapshot } from '../snapshot.js';
import { DEBIAN } from './arbitrary-snapshots.js';
import { ACT, aFile, changesOf, collect, newSnapshot, type Changes, type IndexUnderTest } from './index-under-test.js';

const PATHS = ['a', 'b', 'c/d', 'c/e'];

type List = ReadonlyMap<string, number>;

/** What every snapshot store has to do with snapshots that vanish from the disk and come back. */
export function describeReadmission(name: string, make: () => Promise<IndexUnderTest>): void {
  describe(`${name} (readmission)`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
    });
    afterEach(() => index.remove());

    const publish = (snapshot: NewSnapshot, changes: Changes) =>
      index.store.publish(snapshot, changesOf(changes), { ...ACT, fence: index.fence });
    const remove = async ({ id, state }: NewSnapshot, gone: boolean) => {
      await index.store.move(DEBIAN, id, state, 'removing', { ...ACT, gone });
      await index.store.forget(DEBIAN, id);
    };
    const pastOf = ({ id, manifestSha256 }: NewSnapshot) => index.store.pastOf(DEBIAN, id, manifestSha256);
    const readmit = async (snapshot: NewSnapshot, list: List) => {
      const files = [...list].sort().map(([path, content]) => aFile(path, content));
      const changes = await catalogChanges(index.catalog.files(DEBIAN, snapshot.sequence), files);
      return index.store.readmit(snapshot, changes, index.fence, ACT);
    };
    const listOf = async (sequence: number): Promise<List> =>
      new Map((await collect(index.catalog.files(DEBIAN, sequence))).map(({ path, size }) => [path, size]));

    describe('pastOf', () => {
      const first = newSnapshot(1, 0, 'held');

      it('knows what was never published', async () => {
        expect(await pastOf(first)).toEqual({ kind: 'unpublished' });
        await publish(first, {});
        await remove(first, true);
        const other = { ...first, manifestSha256: 'f'.repeat(64) as Sha256 };
        expect(await pastOf(other)).toEqual({ kind: 'unpublished' });
      });

      it('tells what vanished, with its state, from what was removed on purpose', async () => {
        const second = newSnapshot(2, 0);
        await publish(first, {});
        await publish(second, {});
        await remove(first, true);
        await remove(second, false);
        expect(await pastOf(first)).toEqual({ kind: 'vanished', state: 'held', since: index.clock.now() });
        expect(await pastOf(second)).toEqual({ kind: 'removed' });
      });

      it('goes by what was done last', async () => {
        await publish(first, {});
        await remove(first, true);
        await readmit(first, new Map());
        await remove(first, false);
        expect(await pastOf(first)).toEqual({ kind: 'removed' });
      });

      it('lets nothing of a repository come back that was removed whole', async () => {
        await publish(first, {});
        await index.store.forgetAll(index.debian, index.fence);
        expect(await pastOf(first)).toEqual({ kind: 'removed' });
      });
    });

    describe('readmit', () => {
      it('brings any snapshot back as it was, whatever was published and removed meanwhile (I-03, I-26)', async () => {
        const content = fc.option(fc.nat(2), { nil: undefined });
        const change = fc.record(Object.fromEntries(PATHS.map((path) => [path, content])));
        const steps = fc.array(
          fc.record({ change, victim: fc.nat(), kind: fc.constantFrom('publish', 'vanish', 'back') }),
          {
            maxLength: 14,
          },
        );
        await fc.assert(
          fc.asyncProperty(steps, async (all) => {
            await index.store.forgetAll(index.debian, index.fence);
            const before = await index.store.lastSequence(DEBIAN);
            let latest: List = new Map();
            const there: { snapshot: NewSnapshot; list: List }[] = [];
            const gone: typeof there = [];
            for (const [at, { kind, change: wanted, victim }] of all.entries()) {
              const from = kind === 'vanish' ? there : gone;
              const [chosen] = kind === 'publish' ? [] : from.splice(victim % (from.length || 1), 1);
              if (kind === 'publish') {
                const list = new Map(
                  Object.entries(wanted).flatMap(([path, to]) => (to === undefined ? [] : [[path, to] as const])),
                );
                const removed = [...latest.keys()].filter((path) => !list.has(path)).map((path) => [path, undefined]);
                const snapshot = newSnapshot(before + at + 1, list.size);
                await publish(snapshot, Object.fromEntries([...list, ...removed]) as Changes);
                there.push({ snapshot, list });
                latest = list;
              } else if (chosen && kind === 'vanish') {
                await remove(chosen.snapshot, true);
                gone.push(chosen);
              } else if (chosen) {
                expect(await readmit(chosen.snapshot, chosen.list)).toBe(true);
                there.push(chosen);
              }
            }
            for (const { snapshot, list } of there) expect(await listOf(snapshot.sequence)).toEqual(list);
            const sequences = there.map(({ snapshot }) => snapshot.sequence).sort((a, b) => a - b);
            expect((await index.store.list(DEBIAN)).map(({ sequence }) => sequence)).toEqual(sequences);
          }),
          { numRuns: 30 },
        );
      });

      it('takes no other place: neither one that is taken, nor one that is still to come', async () => {
        await publish(newSnapshot(2, 0), {});
        expect(await readmit({ ...newSnapshot(1, 0), id: newSnapshot(2, 0).id }, new Map())).toBe(false);
        expect(await readmit({ ...newSnapshot(2, 0), id: newSnapshot(1, 0).id }, new Map())).toBe(false);
        expect(await readmit(newSnapshot(3, 0), new Map())).toBe(false);
        expect(await readmit(newSnapshot(1, 0), new Map())).toBe(true);
      });

      it('changes nothing when the list does not come out right', async () => {
        await publish(newSnapshot(2, 0), {});
        await expect(readmit(newSnapshot(1, 2), new Map([['a', 1]]))).rejects.toMatchObject({
          code: 'CATALOG_MISMATCH',
        });
        expect(await index.store.list(DEBIAN)).toHaveLength(1);
        expect(await listOf(1)).toEqual(new Map());
      });

      it('changes nothing for a holder that was overtaken (I-13)', async () => {
        await publish(newSnapshot(2, 0), {});
        await index.overtake();
        await expect(readmit(newSnapshot(1, 0), new Map())).rejects.toMatchObject({ code: 'LEASE_LOST' });
        expect(await index.store.list(DEBIAN)).toHaveLength(1);
      });

      it('leaves a record, from which it is known when the snapshot was there (I-05, I-30)', async () => {
        const first = newSnapshot(1, 0);
        await publish(first, {});
        await remove(first, true);
        await readmit(first, new Map());
        expect((await index.audits()).map(({ action }) => action)).toEqual([
          'publish-snapshot',
          'move-snapshot',
          'readmit-snapshot',
        ]);
        const changes = await index.store.stateChanges(DEBIAN, new Date(0));
        expect(changes.map(({ before }) => before)).toEqual(['removing', 'complete', undefined]);
      });
    });
  });
}
