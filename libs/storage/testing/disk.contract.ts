import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';

import fc from 'fast-check';

import { byBytes } from '#libs/kernel/byte-order.js';

import { type Disk } from '../disk.js';
import { isKeySegment, keyPrefix, objectKey, type KeyPrefix, type ObjectKey } from '../object-key.js';

const key = (name: string): ObjectKey => objectKey('work', name);
const work = keyPrefix('work');

export const contentOf = async (disk: Disk, of: ObjectKey): Promise<string> => text(await disk.read(of));

export async function keysOf(disk: Disk, prefix: KeyPrefix): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key: listed } of disk.list(prefix)) keys.push(listed);
  return keys;
}

async function foldersOf(disk: Disk, prefix: KeyPrefix): Promise<string[]> {
  const names: string[] = [];
  for await (const name of disk.folders(prefix)) names.push(name);
  return names;
}

/** A body that breaks after its first chunk. */

async function* broken(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(100_000, 'x');
  throw new Error('upstream hung up');
}

interface Medium {
  /** The names of what is half written on the medium, where the disk itself does not list it. */
  readonly drafts?: (disk: Disk) => Promise<readonly string[]>;
  /** Whether it can give all below a prefix another one in one step. */
  readonly moves?: boolean;
  /** Whether of several that create an object at once exactly one does. */
  readonly arbitrates?: boolean;
}

/** What every disk promises. */
export function describeDisk(
  name: string,
  make: () => Promise<Disk>,
  { drafts = () => Promise.resolve([]), moves = true, arbitrates = true }: Medium = {},
): void {
  describe(`${name} is a disk`, () => {
    let disk: Disk;
    beforeEach(async () => {
      disk = await make();
    });
    afterEach(async () => {
      expect(await drafts(disk)).toEqual([]);
    });

    describe('one object', () => oneObject(() => disk));
    describe('a body that fails', () => failingBodies(() => disk));
    describe('ranges', () => ranges(() => disk));
    describe('several at once', () => concurrency(() => disk, arbitrates));
    describe('listing', () => listing(() => disk));
    describe('touching', () => touching(() => disk));
    describe('removing', () => removing(() => disk));
    if (moves) describe('moving', () => moving(() => disk));
    else it('says that it cannot move', () => expect(disk.moveAll).toBeUndefined());
    describe('names', () => names(() => disk));
  });
}

function oneObject(disk: () => Disk): void {
  it.each<[string, () => Readable | Uint8Array, string]>([
    ['bytes', () => Buffer.from('hello'), 'hello'],
    ['a stream', () => Readable.from([Buffer.from('hel'), Buffer.from('lo')]), 'hello'],
    ['no bytes', () => new Uint8Array(0), ''],
    ['an empty stream', () => Readable.from([]), ''],
  ])('gives back %s', async (_, body, content) => {
    await disk().write(key('a'), body());
    expect(await contentOf(disk(), key('a'))).toBe(content);
    expect(await disk().stat(key('a'))).toMatchObject({ key: 'work/a', size: content.length });
  });

  it('keeps every byte of a body of several chunks', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    await disk().write(key('large'), Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]));
    expect((await buffer(await disk().read(key('large')))).equals(bytes)).toBe(true);
  });

  it('replaces the old bytes by longer and by shorter ones', async () => {
    for (const content of ['first', 'the second', '3']) {
      await disk().write(key('a'), Buffer.from(content));
      expect(await contentOf(disk(), key('a'))).toBe(content);
    }
  });

  it('writes an absent object once, whatever its body', async () => {
    expect(await disk().writeIfAbsent(key('a'), Readable.from([Buffer.from('mine')]))).toBe(true);
    expect(await disk().writeIfAbsent(key('a'), Readable.from([Buffer.from('yours')]))).toBe(false);
    expect(await contentOf(disk(), key('a'))).toBe('mine');
  });

  it('rejects reading what is not there before the first byte', async () => {
    await disk().write(key('a/b'), Buffer.from('x'));
    for (const missing of ['b', 'a', 'a/b/c', 'a/bb', 'x'.repeat(300)]) {
      await expect(disk().read(key(missing))).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND', kind: 'not-found' });
      expect(await disk().stat(key(missing))).toBeUndefined();
    }
  });
}

function failingBodies(disk: () => Disk): void {
  it('leaves the old object, and its own error', async () => {
    await disk().write(key('a'), Buffer.from('old'));
    await expect(disk().write(key('a'), Readable.from(broken()))).rejects.toThrow('upstream hung up');
    expect(await contentOf(disk(), key('a'))).toBe('old');
    expect(await keysOf(disk(), keyPrefix())).toEqual(expect.arrayContaining(['work/a']));
  });

  it.each(['write', 'writeIfAbsent'] as const)('leaves nothing under a new name (%s)', async (method) => {
    await expect(disk()[method](key('a'), Readable.from(broken()))).rejects.toThrow('upstream hung up');
    expect(await disk().stat(key('a'))).toBeUndefined();
    expect(await keysOf(disk(), work)).toEqual([]);
    expect(await disk().writeIfAbsent(key('a'), Buffer.from('next'))).toBe(true);
  });

  it('rejects a body that failed before anybody listened', async () => {
    const body = new Readable({ read: () => undefined });
    body.destroy(new Error('gone at once'));
    await expect(disk().write(key('a'), body)).rejects.toThrow('gone at once');
    expect(await disk().stat(key('a'))).toBeUndefined();
  });
}

function ranges(disk: () => Disk): void {
  it.each([
    [0, 9, '0123456789'],
    [0, 0, '0'],
    [9, 9, '9'],
    [3, 5, '345'],
    [8, 100, '89'],
    [10, 10, ''],
    [500, Infinity, ''],
    [4, Infinity, '456789'],
  ])('reads bytes %d to %d', async (start, end, content) => {
    await disk().write(key('digits'), Buffer.from('0123456789'));
    expect(await text(await disk().read(key('digits'), { start, end }))).toBe(content);
  });

  it.each([
    [-1, 3],
    [5, 4],
    [0.5, 3],
    [NaN, NaN],
  ])('refuses %d to %d, which is no range', async (start, end) => {
    await disk().write(key('digits'), Buffer.from('0123456789'));
    await expect(disk().read(key('digits'), { start, end })).rejects.toMatchObject({ code: 'INVALID_BYTE_RANGE' });
  });

  it('has no range of an empty object', async () => {
    await disk().write(key('empty'), Buffer.alloc(0));
    expect(await text(await disk().read(key('empty'), { start: 0, end: 0 }))).toBe('');
  });
}

function concurrency(disk: () => Disk, arbitrates: boolean): void {
  it('keeps one whole body of many writers', async () => {
    const bodies = Array.from({ length: 12 }, (_, writer) => String(writer % 10).repeat(50_000 + writer));
    await Promise.all(bodies.map((body) => disk().write(key('a'), Readable.from([Buffer.from(body)]))));
    expect(bodies).toContain(await contentOf(disk(), key('a')));
    expect(await keysOf(disk(), work)).toEqual(['work/a']);
  });

  it(`lets ${arbitrates ? 'exactly' : 'at least'} one of many create`, async () => {
    const writers = Array.from({ length: 12 }, (_, writer) => String(writer));
    const won = await Promise.all(writers.map((body) => disk().writeIfAbsent(key('a'), Buffer.from(body))));
    const winners = writers.filter((_, writer) => won[writer]);
    expect(winners.length).toBeGreaterThanOrEqual(1);
    if (arbitrates) expect(winners).toHaveLength(1);
    expect(winners).toContain(await contentOf(disk(), key('a')));
  });

  it.each(['overwritten', 'removed'] as const)('gives a reader the old bytes when they are %s', async (how) => {
    await disk().write(key('a'), Buffer.alloc(500_000, 'o'));
    const reader = await disk().read(key('a'));
    await (how === 'removed' ? disk().remove(key('a')) : disk().write(key('a'), Buffer.alloc(600_000, 'n')));
    expect(await text(reader)).toBe('o'.repeat(500_000));
  });
}

function listing(disk: () => Disk): void {
  it('goes in byte order of key, not of folder', async () => {
    const sorted = ['A', 'a!', 'a-b', 'a.b', 'a/b', 'a/c/d', 'a0', 'ab', 'b', 'z', 'é', '\u{E000}', '\u{1F600}'];
    for (const name of sorted.toReversed()) await disk().write(key(name), Buffer.from(name));
    expect(await keysOf(disk(), work)).toEqual(sorted.map((name) => `work/${name}`));
  });

  it('is not confused by neighbours with the same prefix', async () => {
    for (const name of ['a/1', 'ab/2', 'a.b/3', 'a-']) await disk().write(key(name), Buffer.from(name));
    expect(await keysOf(disk(), keyPrefix('work/a'))).toEqual(['work/a/1']);
    expect(await keysOf(disk(), keyPrefix('wor'))).toEqual([]);
    expect(await keysOf(disk(), keyPrefix('work/a/1'))).toEqual([]);
  });

  it('lists more than a thousand objects, with their sizes', async () => {
    const all = Array.from({ length: 1_001 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    for (let start = 0; start < all.length; start += 50) {
      await Promise.all(all.slice(start, start + 50).map((name) => disk().write(key(name), Buffer.from(name))));
    }
    const infos: { key: string; size: number }[] = [];
    for await (const info of disk().list(work)) infos.push({ key: info.key, size: info.size });
    expect(infos).toEqual(all.map((name) => ({ key: `work/${name}`, size: name.length })));
  }, 60_000);

  it('names the folders directly below, in byte order', async () => {
    for (const name of ['b/1', 'a/x/y', 'a.b/2', 'a-b/2', 'file', 'b/2']) {
      await disk().write(key(name), Buffer.from(name));
    }
    expect(await foldersOf(disk(), work)).toEqual(['a', 'a-b', 'a.b', 'b']);
    expect(await foldersOf(disk(), keyPrefix('work/b'))).toEqual([]);
    expect(await foldersOf(disk(), keyPrefix('nowhere'))).toEqual([]);
  });

  it('goes on while what it lists is removed', async () => {
    for (let index = 100; index < 250; index += 1) await disk().write(key(`n/${index}`), Buffer.from('x'));
    const seen: string[] = [];
    for await (const { key: listed } of disk().list(work)) {
      seen.push(listed);
      await disk().remove(listed);
    }
    expect(seen).toHaveLength(150);
    expect(await keysOf(disk(), work)).toEqual([]);
  });

  it('ends quietly when all of it vanishes', async () => {
    for (const name of ['a/1', 'b/1', 'c/1']) await disk().write(key(name), Buffer.from('x'));
    const seen: string[] = [];
    for await (const { key: listed } of disk().list(work)) {
      seen.push(listed);
      await disk().removeAll(work);
    }
    // Whatever it had looked at already it may still name.
    expect(seen).toEqual(['work/a/1', 'work/b/1', 'work/c/1'].slice(0, seen.length));
    expect(seen).not.toEqual([]);
  });
}

function removing(disk: () => Disk): void {
  it('removes twice, and what never was', async () => {
    await disk().write(key('a/b'), Buffer.from('x'));
    await disk().remove(key('a/b'));
    await disk().remove(key('a/b'));
    for (const missing of ['a', 'nowhere/at/all', 'x'.repeat(300)]) await disk().remove(key(missing));
    expect(await keysOf(disk(), work)).toEqual([]);
  });

  it('does not take a name with others below it for an object', async () => {
    await disk().write(key('a/b'), Buffer.from('x'));
    await disk().remove(key('a'));
    await disk().remove(key('a/b/c'));
    expect(await keysOf(disk(), work)).toEqual(['work/a/b']);
  });

  it('removes all below a prefix and nothing beside it, twice', async () => {
    for (const name of ['a/1', 'a/b/2', 'ab/3', 'a.b']) await disk().write(key(name), Buffer.from('x'));
    await disk().removeAll(keyPrefix('work/a'));
    await disk().removeAll(keyPrefix('work/a'));
    expect(await keysOf(disk(), work)).toEqual(['work/a.b', 'work/ab/3']);
    expect(await foldersOf(disk(), work)).toEqual(['ab']);
  });

  it('removes no folder as empty in which something stands', async () => {
    for (const name of ['a/1', 'a/b/2']) await disk().write(key(name), Buffer.from('x'));
    await disk().removeEmpty(keyPrefix('work/a'));
    await disk().removeEmpty(keyPrefix('work/a/1'));
    await disk().removeEmpty(keyPrefix('work/nowhere'));
    expect(await keysOf(disk(), work)).toEqual(['work/a/1', 'work/a/b/2']);
    for (const name of ['a/1', 'a/b/2']) await disk().remove(key(name));
    for (const name of ['work/a/b', 'work/a']) await disk().removeEmpty(keyPrefix(name));
    expect(await foldersOf(disk(), work)).toEqual([]);
  });

  it('never removes the whole disk', async () => {
    await disk().write(key('a'), Buffer.from('x'));
    await expect(disk().removeAll(keyPrefix())).rejects.toMatchObject({ kind: 'invalid' });
    expect(await keysOf(disk(), work)).toEqual(['work/a']);
  });
}

function moving(disk: () => Disk): void {
  const [from, to] = [keyPrefix('work/a'), keyPrefix('work/.moved')];

  it('moves all below a prefix and nothing beside it, once', async () => {
    for (const name of ['a/1', 'a/b/2', 'ab/3', 'a.b']) await disk().write(key(name), Buffer.from(name));
    expect(await disk().moveAll?.(from, to)).toBe(true);
    expect(await keysOf(disk(), work)).toEqual(['work/.moved/1', 'work/.moved/b/2', 'work/a.b', 'work/ab/3']);
    expect(await contentOf(disk(), key('.moved/b/2'))).toBe('a/b/2');
    expect(await disk().moveAll?.(from, to)).toBe(false);
    expect(await keysOf(disk(), work)).toHaveLength(4);
  });

  it('moves nothing to where something stands', async () => {
    for (const name of ['a/1', '.moved/2']) await disk().write(key(name), Buffer.from(name));
    await expect(disk().moveAll?.(from, to)).rejects.toMatchObject({ code: 'OBJECT_KEY_TAKEN', kind: 'conflict' });
    expect(await keysOf(disk(), work)).toEqual(['work/.moved/2', 'work/a/1']);
  });

  it.each([
    ['the whole disk', keyPrefix(), to],
    ['to another folder', from, keyPrefix('elsewhere/a')],
    ['into itself', from, keyPrefix('work/a/b')],
  ])('never moves %s', async (_, source, target) => {
    await disk().write(key('a/1'), Buffer.from('x'));
    await expect(disk().moveAll?.(source, target)).rejects.toMatchObject({ code: 'INVALID_OBJECT_KEY' });
    expect(await keysOf(disk(), work)).toEqual(['work/a/1']);
  });
}

function touching(disk: () => Disk): void {
  it('keeps the bytes, and makes them no older', async () => {
    await disk().write(key('a b+c'), Buffer.from('x'));
    const before = await disk().stat(key('a b+c'));
    expect(await disk().touch(key('a b+c'))).toBe(true);
    const after = await disk().stat(key('a b+c'));
    expect(after).toMatchObject({ size: 1 });
    expect(after?.modifiedAt.getTime()).toBeGreaterThanOrEqual(before?.modifiedAt.getTime() ?? Infinity);
    expect(await contentOf(disk(), key('a b+c'))).toBe('x');
  });

  it('makes nothing of nothing', async () => {
    expect(await disk().touch(key('a'))).toBe(false);
    expect(await disk().stat(key('a'))).toBeUndefined();
  });
}

function names(disk: () => Disk): void {
  it('refuses an object where others stand below, and below an object, or keeps all of them', async () => {
    await disk().write(key('a/b'), Buffer.from('x'));
    for (const name of ['a', 'a/b/c']) {
      const refusal = await disk()
        .write(key(name), Buffer.from(name))
        .catch((error: unknown) => error);
      if (refusal === undefined) expect(await contentOf(disk(), key(name))).toBe(name);
      else {
        expect(refusal).toMatchObject({ code: 'OBJECT_KEY_TAKEN', kind: 'conflict' });
        expect(await disk().stat(key(name))).toBeUndefined();
      }
    }
    expect(await contentOf(disk(), key('a/b'))).toBe('x');
  });

  it.each([
    ' ',
    'a b',
    '-rf',
    '--',
    '+',
    '100%',
    '%2e%2e',
    'c:d',
    '*?[',
    'it\'s "so"',
    '$(id)',
    'a\nb',
    '\u0001',
    '\u007f',
    '.hidden',
    '...',
    'naïve',
    'nai\u0308ve',
    '\u{1F600}',
    '\uFFFD',
    'x'.repeat(255),
  ])('keeps the name %j as it is (T-35)', async (name) => {
    await disk().write(key(`${name}/${name}`), Buffer.from(name));
    expect(await contentOf(disk(), key(`${name}/${name}`))).toBe(name);
    expect(await keysOf(disk(), work)).toEqual([`work/${name}/${name}`]);
    expect(await foldersOf(disk(), work)).toEqual([name]);
  });

  it('gives back whatever was written, under any names, in order', async () => {
    const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter(isKeySegment);
    // A folder ends in "/d" and a file in "f", lest one is asked to be both.
    const path = fc.tuple(fc.array(segment, { maxLength: 3 }), segment);
    const named = path.map(([above, last]) => [...above.map((part) => `${part}d`), `${last}f`].join('/'));
    const contents = fc.dictionary(named, fc.string({ maxLength: 20 }), { maxKeys: 20, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(contents, async (objects) => {
        await disk().removeAll(work);
        for (const [name, content] of Object.entries(objects)) await disk().write(key(name), Buffer.from(content));
        const expected = Object.keys(objects).sort(byBytes);
        expect(await keysOf(disk(), work)).toEqual(expected.map((name) => `work/${name}`));
        for (const name of expected) expect(await contentOf(disk(), key(name))).toBe(objects[name]);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
}
