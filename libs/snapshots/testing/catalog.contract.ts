import fc from 'fast-check';

import { byBytes } from '#libs/kernel/byte-order.js';

import { type NewSnapshot } from '../snapshot.js';
import { DEBIAN } from './arbitrary-snapshots.js';
import {
  ACT,
  aFile,
  changesOf,
  collect,
  forgetSnapshot,
  newSnapshot,
  OPENWRT,
  type Changes,
  type IndexUnderTest,
} from './index-under-test.js';

/** What every catalog has to do. */
export function describeCatalog(name: string, make: () => Promise<IndexUnderTest>): void {
  describe(`${name} (catalog)`, () => {
    let index: IndexUnderTest;

    beforeEach(async () => {
      index = await make();
    });
    afterEach(() => index.remove());

    const publish = (sequence: number, changes: Changes, files: number) =>
      index.store.publish(newSnapshot(sequence, files), changesOf(changes), { ...ACT, fence: index.fence });
    const paths = async (sequence: number, folder?: string) =>
      (await collect(index.catalog.files(DEBIAN, sequence, folder))).map(({ path }) => path);

    it('finds each file as it was in each snapshot', async () => {
      await publish(1, { same: 1, changes: 1, goes: 1 }, 3);
      await publish(4, { changes: 2, goes: undefined, comes: 1 }, 3);
      await publish(5, { goes: 3, comes: undefined }, 3);
      const sizes = async (path: string) =>
        Promise.all([1, 4, 5].map(async (sequence) => (await index.catalog.find(DEBIAN, sequence, path))?.size));
      expect(await sizes('same')).toEqual([1, 1, 1]);
      expect(await sizes('changes')).toEqual([1, 2, 2]);
      expect(await sizes('goes')).toEqual([1, undefined, 3]);
      expect(await sizes('comes')).toEqual([undefined, 1, undefined]);
      expect(await sizes('never')).toEqual([undefined, undefined, undefined]);
      expect(await index.catalog.find(DEBIAN, 5, 'changes')).toEqual(aFile('changes', 2));
      expect(await index.catalog.find(OPENWRT, 5, 'changes')).toBeUndefined();
    });

    it('tells in which files two snapshots differ, whichever is asked for first', async () => {
      await publish(1, { same: 1, changes: 1, goes: 1, returns: 1 }, 4);
      await publish(2, { changes: 2, goes: undefined, returns: undefined, passes: 1 }, 3);
      await publish(4, { comes: 1, passes: undefined, returns: 2 }, 4);
      const told = async (from: number, to: number) => {
        const found: string[] = [];
        for await (const { path, before, after } of index.catalog.differences(DEBIAN, from, to)) {
          found.push(`${path} ${String(before?.size ?? '-')} ${String(after?.size ?? '-')}`);
        }
        return found;
      };
      expect(await told(1, 4)).toEqual(['changes 1 2', 'comes - 1', 'goes 1 -', 'returns 1 2']);
      expect(await told(4, 1)).toEqual(['changes 2 1', 'comes 1 -', 'goes - 1', 'returns 2 1']);
      expect(await told(2, 2)).toEqual([]);
      expect(await told(1, 2)).toEqual(['changes 1 2', 'goes 1 -', 'passes - 1', 'returns 1 -']);
    });

    it('tells of differences in many more files than it reads at once', async () => {
      const many = Array.from({ length: 2_500 }, (_, number) => `f${String(number).padStart(4, '0')}`);
      await publish(1, Object.fromEntries(many.map((path) => [path, 1])), many.length);
      await publish(2, Object.fromEntries(many.map((path) => [path, 2])), many.length);
      const found: string[] = [];
      for await (const { path, before, after } of index.catalog.differences(DEBIAN, 1, 2)) {
        if (before?.size === 1 && after?.size === 2) found.push(path);
      }
      expect(found).toEqual(many);
    });

    it('tells apart names that differ little', async () => {
      const names = ['a', 'A', 'a ', 'a%', 'a_', 'ä', 'a\u0308', "a'b", 'a/b', 'a\nb'];
      await publish(1, Object.fromEntries(names.map((path, number) => [path, number + 1])), names.length);
      for (const [number, path] of names.entries()) {
        expect(await index.catalog.find(DEBIAN, 1, path)).toEqual(aFile(path, number + 1));
      }
      expect(await index.catalog.find(DEBIAN, 1, 'a_b')).toBeUndefined();
    });

    it('lists in byte order, which beyond the basic plane is not that of JavaScript', async () => {
      const names = ['\u{10ffff}z', '\u{1f600}', '\uffee', 'ö', 'z', 'a/b', 'a-b', 'a', 'B', 'a0', 'ab/c'];
      await publish(1, Object.fromEntries(names.map((path) => [path, 1])), names.length);
      expect(await paths(1)).toEqual([
        'B',
        'a',
        'a-b',
        'a/b',
        'a0',
        'ab/c',
        'z',
        'ö',
        '\uffee',
        '\u{1f600}',
        '\u{10ffff}z',
      ]);
    });

    it('lists what stands below a folder, and not its neighbours with the same beginning', async () => {
      const names = ['pool', 'pool-x', 'pool/a', 'pool/a/b', 'pool/\u{10ffff}', 'pool0', 'pool.d/x', 'x/pool/a'];
      await publish(1, Object.fromEntries(names.map((path) => [path, 1])), names.length);
      expect(await paths(1, 'pool')).toEqual(['pool/a', 'pool/a/b', 'pool/\u{10ffff}']);
      expect(await paths(1, 'pool/a')).toEqual(['pool/a/b']);
      expect(await paths(1, 'poo')).toEqual([]);
      expect(await paths(1, '%')).toEqual([]);
    });

    it.each([999, 1_000, 1_001, 2_000])('lists all of %d files', async (count) => {
      const names = Array.from({ length: count }, (_, number) => `pool/${String(number)}`);
      await publish(1, Object.fromEntries(names.map((path) => [path, 1])), count);
      expect(await paths(1)).toEqual(names.toSorted(byBytes));
      expect(await paths(1, 'pool')).toHaveLength(count);
    });

    it('keeps the list published last, so that the next one can build on it, when its snapshot is forgotten', async () => {
      await publish(1, { a: 1, b: 1 }, 2);
      await publish(2, { a: 2, b: undefined, c: 1 }, 2);
      await forgetSnapshot(index, newSnapshot(2, 2));
      expect(await paths(2)).toEqual(['a', 'c']);
      expect(await paths(1)).toEqual(['a', 'b']);
      await publish(3, { c: undefined, b: 1 }, 2);
      expect(await paths(3)).toEqual(['a', 'b']);
      expect(await index.catalog.find(DEBIAN, 3, 'a')).toEqual(aFile('a', 2));
      expect(await index.catalog.find(DEBIAN, 1, 'a')).toEqual(aFile('a', 1));
    });

    it('lists of every snapshot what a plain model lists, whatever is published and forgotten', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          await index.store.forgetAll(index.debian, index.fence);
          await compareWithModel(index, steps);
        }),
        { numRuns: 30 },
      );
    });
  });
}

type Step = { readonly forget: number } | { readonly publish: Changes };

const PATHS = ['a', 'b', 'c', 'd/a', 'd/b'];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ forget: fc.nat(20) }),
  fc.record({
    publish: fc.dictionary(fc.constantFrom(...PATHS), fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })),
  }),
);

/** Keeps every list whole, and after each step compares those of the snapshots that are left, and the last one. */
async function compareWithModel(index: IndexUnderTest, steps: readonly Step[]): Promise<void> {
  const lists = new Map<number, { readonly snapshot: NewSnapshot; readonly files: ReadonlyMap<string, number> }>();
  let last = { sequence: await index.store.lastSequence(DEBIAN), files: new Map<string, number>() };
  for (const step of steps) {
    if ('publish' in step) {
      const files = applied(last.files, step.publish);
      last = { sequence: last.sequence + 1, files };
      const snapshot = newSnapshot(last.sequence, files.size);
      await index.store.publish(snapshot, changesOf(step.publish), { ...ACT, fence: index.fence });
      lists.set(last.sequence, { snapshot, files });
    } else {
      const victim = [...lists.values()][step.forget % Math.max(1, lists.size)];
      if (victim === undefined) continue;
      await forgetSnapshot(index, victim.snapshot);
      lists.delete(victim.snapshot.sequence);
    }
    for (const [sequence, { files }] of [...lists, [last.sequence, last] as const]) {
      const expected = [...files].map(([path, content]) => aFile(path, content));
      expect(await collect(index.catalog.files(DEBIAN, sequence))).toEqual(
        expected.toSorted((a, b) => byBytes(a.path, b.path)),
      );
      for (const path of PATHS) {
        expect(await index.catalog.find(DEBIAN, sequence, path)).toEqual(expected.find((file) => file.path === path));
      }
    }
  }
}

function applied(files: ReadonlyMap<string, number>, changes: Changes): Map<string, number> {
  const next = new Map(files);
  for (const [path, content] of Object.entries(changes)) {
    if (content === undefined) next.delete(path);
    else next.set(path, content);
  }
  return next;
}
