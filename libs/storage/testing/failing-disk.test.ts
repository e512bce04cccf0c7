import { Readable } from 'node:stream';

import { MemoryDisk } from '../adapters/memory-disk.js';
import { type Disk } from '../disk.js';
import { keyPrefix, objectKey } from '../object-key.js';
import { contentOf, describeDisk, keysOf } from './disk.contract.js';
import { failingDisk, type Fault } from './failing-disk.js';

describeDisk('a failing disk that does not fail', () =>
  Promise.resolve(failingDisk(new MemoryDisk(), 'any', Number.MAX_SAFE_INTEGER)),
);

const a = objectKey('a');
const old = async (): Promise<MemoryDisk> => {
  const disk = new MemoryDisk();
  await disk.write(a, Buffer.from('old'));
  return disk;
};

it('fails the nth call of one method alone', async () => {
  const disk = failingDisk(new MemoryDisk(), 'write', 2);
  await disk.write(a, Buffer.from('1'));
  await disk.stat(a);
  await expect(disk.write(a, Buffer.from('2'))).rejects.toMatchObject({ code: 'DISK_FAILED' });
  await disk.write(a, Buffer.from('3'));
  expect(disk.calls.map(({ method, name }) => `${method} ${name}`)).toEqual([
    'write a',
    'stat a',
    'write a',
    'write a',
  ]);
});

it('fails for good when told so, with the error it was given', async () => {
  const disk = failingDisk(new MemoryDisk(), 'stat', 2, { sticky: true, error: new Error('gone') });
  await disk.stat(a);
  await expect(disk.stat(a)).rejects.toThrow('gone');
  await expect(disk.stat(a)).rejects.toThrow('gone');
});

it.each<[NonNullable<Fault['kind']>, string]>([
  ['before', 'old'],
  ['half', 'old'],
  ['torn', 'new '],
  ['after', 'new body'],
])('a write that fails %s leaves %j', async (kind, content) => {
  for (const body of [() => Buffer.from('new body'), () => Readable.from([Buffer.from('new body')])]) {
    const inner = await old();
    const disk = failingDisk(inner, 'write', 1, { kind });
    await expect(disk.write(a, body())).rejects.toMatchObject({ code: 'DISK_FAILED' });
    expect(await contentOf(inner, a)).toBe(content);
  }
});

it('breaks a read off after its first half, or changes one bit of it', async () => {
  const inner = await old();
  const half = await failingDisk(inner, 'read', 1, { kind: 'half' }).read(a);
  await expect(half.toArray()).rejects.toMatchObject({ code: 'DISK_FAILED' });
  expect(await contentOf(failingDisk(inner, 'read', 1, { kind: 'corrupt' }), a)).toBe('omd');
});

it('breaks a list off after its first entry', async () => {
  const inner = await old();
  await inner.write(objectKey('b'), Buffer.from('x'));
  const seen: string[] = [];
  const listing = async (): Promise<void> => {
    for await (const { key } of failingDisk(inner, 'list', 1, { kind: 'half' }).list(keyPrefix())) seen.push(key);
  };
  await expect(listing()).rejects.toMatchObject({ code: 'DISK_FAILED' });
  expect(seen).toEqual(['a']);
});

it('lets a test try every call until none is left to fail', async () => {
  const copy = async (disk: Disk): Promise<void> => {
    const content = await contentOf(disk, a);
    await disk.write(objectKey('copy'), Buffer.from(content));
    await disk.remove(a);
  };
  const worlds: string[][] = [];
  for (let failed = true, nth = 1; failed; nth += 1) {
    const inner = await old();
    const disk = failingDisk(inner, 'any', nth, { kind: 'after' });
    await copy(disk).catch(() => undefined);
    worlds.push(await keysOf(inner, keyPrefix()));
    failed = disk.failed;
  }
  expect(worlds).toEqual([['a'], ['a', 'copy'], ['copy'], ['copy']]);
});
