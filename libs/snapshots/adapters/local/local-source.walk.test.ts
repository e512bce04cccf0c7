import fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import fc from 'fast-check';

import { byBytes } from '#libs/kernel/byte-order.js';

import { DEBIAN, type SnapshotWorld } from '../../testing/snapshot-world.js';
import { REFUSED, SourceWorld } from '../../testing/source-world.js';

describe('LocalSource walks', () => {
  let source: SourceWorld;
  let world: SnapshotWorld;
  beforeEach(async () => {
    source = await SourceWorld.make();
    world = source.world;
  });
  afterEach(() => {
    jest.restoreAllMocks();
    source.remove();
  });

  it('in byte order of the whole path', async () => {
    const tree = ['a/b', 'a.b', 'a-b', 'a', 'B', 'a0/x', 'a0', 'é', '\u{1f4e6}/x', '\uffe6', 'z/z/z'].filter(
      (path) => path !== 'a' && path !== 'a0',
    );
    world.change(Object.fromEntries(tree.map((path) => [path, path])));
    expect(await source.paths()).toEqual(tree.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y))));
  });

  it('in byte order of any tree', async () => {
    const name = fc.constantFrom('a', 'b', 'a.', 'a-', 'a!', 'é', '\u{1f4e6}', '\uffe6', '~');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { maxLength: 15 }), async (trees) => {
        fs.rmSync(world.sourcePath(), { recursive: true });
        fs.mkdirSync(world.sourcePath());
        const all = trees.map((names) => `${names.join('/')}/f`);
        world.change(Object.fromEntries(all.map((path) => [path, ''])));
        expect(await source.paths()).toEqual([...new Set(all)].sort(byBytes));
      }),
      { numRuns: 30 },
    );
  });

  it('with size and time of each file', async () => {
    world.change({ a: 'hello' });
    fs.utimesSync(world.sourcePath('a'), 1_000, 1_234.567);
    expect(await source.walk()).toEqual([
      { path: 'a', size: 5, mtimeMs: 1_234_567, signature: expect.any(String) as string },
    ]);
  });

  it.each<[string, (path: string) => void]>([
    ['its content changes', (path) => fs.writeFileSync(path, 'hellO')],
    [
      'its content changes and its time is put back',
      (path) => {
        const { atime, mtime } = fs.statSync(path);
        fs.writeFileSync(path, 'hellO');
        fs.utimesSync(path, atime, mtime);
      },
    ],
    [
      'it is replaced by another one of the same size and time',
      (path) => {
        const { atime, mtime } = fs.statSync(path);
        fs.writeFileSync(`${path}.new`, 'hellO');
        fs.utimesSync(`${path}.new`, atime, mtime);
        fs.renameSync(`${path}.new`, path);
      },
    ],
  ])('and gives a file another signature when %s', async (_, change) => {
    world.change({ a: 'hello' });
    const [before] = await source.walk();
    expect(await source.walk()).toEqual([before]);
    await untilTheClockTicks(world.sourcePath('a'));
    change(world.sourcePath('a'));
    expect((await source.walk())[0]?.signature).not.toBe(before?.signature);
  });

  it('in batches', async () => {
    world.change(Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`f${String(index)}`, ''])));
    const sizes: number[] = [];
    for await (const batch of world.source.walk(DEBIAN, undefined)) sizes.push(batch.length);
    expect(sizes).toEqual([1_000, 1]);
  });

  it('a sub-folder, also behind a link inside the source', async () => {
    world.change({ 'real/a': 'a', b: 'b' });
    fs.symlinkSync('real', world.sourcePath('link'));
    expect(await source.paths('real')).toEqual(['a']);
    expect(await source.paths('link')).toEqual(['a']);
  });

  it.each(['../other', 'out', 'file'])('no folder "%s"', async (folder) => {
    world.change({ x: 'secret' }, 'other' as never);
    world.change({ file: '' });
    fs.symlinkSync(world.sourcePath('', 'other' as never), world.sourcePath('out'));
    await expect(source.paths(folder)).rejects.toMatchObject(REFUSED);
  });

  it('nothing when the source itself is a link', async () => {
    world.change({ x: 'secret' }, 'other' as never);
    fs.rmdirSync(world.sourcePath());
    fs.symlinkSync('other', world.sourcePath().replace(/\/$/, ''));
    await expect(source.paths()).rejects.toMatchObject(REFUSED);
  });
});

/** Times of files move in steps of some milliseconds. */
async function untilTheClockTicks(path: string): Promise<void> {
  const probe = `${path}.probe`;
  const { ctimeMs } = fs.statSync(path);
  do {
    fs.writeFileSync(probe, '');
    await setImmediate();
  } while (fs.statSync(probe).ctimeMs === ctimeMs);
  fs.rmSync(probe);
}
