import { MemoryDisk } from '#libs/storage/adapters/memory-disk.js';
import { BLOBS, snapshotsOf } from '#libs/storage/layout.js';
import { objectKey } from '#libs/storage/object-key.js';
import { keysOf } from '#libs/storage/testing/disk.contract.js';

import { type SourceFile } from '../../source/source.js';
import { REFUSED, sha256Of } from '../../testing/source-world.js';
import { DEBIAN } from '../../testing/snapshot-world.js';
import { DiskSource } from './disk-source.js';

const { signal } = new AbortController();

let disk: MemoryDisk;
let source: DiskSource;
beforeEach(() => {
  disk = new MemoryDisk();
  source = new DiskSource(disk, snapshotsOf);
});

const put = async (path: string, content = path): Promise<void> =>
  disk.write(objectKey('snapshots/debian/by-hand', path), Buffer.from(content));
const walk = async (): Promise<SourceFile[]> => {
  const files: SourceFile[] = [];
  for await (const batch of source.walk(DEBIAN, 'by-hand')) files.push(...batch);
  return files;
};
const ingest = async (files: readonly SourceFile[]) => source.ingest(DEBIAN, 'by-hand', files, 'adopt', signal);

it('finds the files of a folder in byte order of path, and makes blobs of them', async () => {
  for (const path of ['b', 'a/x', 'a.b', 'A0/é']) await put(path);
  await disk.write(objectKey('snapshots/debian/by-hand-2/c'), Buffer.from('of a neighbour'));
  const files = await walk();
  expect(files.map(({ path }) => path)).toEqual(['A0/é', 'a.b', 'a/x', 'b']);
  const ingested = await ingest(files);
  expect(ingested.map(({ sha256 }) => sha256)).toEqual(files.map(({ path }) => sha256Of(path)));
  expect(await keysOf(disk, BLOBS)).toHaveLength(4);
});

it.each([
  ['differ only in case', ['Packages', 'packages']],
  ['stand in folders that differ only in case', ['Pool/a', 'pool/b']],
  ['differ only in their Unicode form', ['nai\u0308ve', 'na\u00efve']],
  ['have a control character', ['a\u0007b']],
])('refuses names that %s (T-34, T-35)', async (_, paths) => {
  for (const path of paths) await put(path);
  await expect(walk()).rejects.toMatchObject(REFUSED);
});

it('stores nothing of a file that changes while it is read (T-37)', async () => {
  await put('a', 'first');
  const files = await walk();
  const read = disk.read.bind(disk);
  disk.read = async (key, range) => {
    const body = await read(key, range);
    await put('a', 'other');
    return body;
  };
  await expect(ingest(files)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  expect(await keysOf(disk, BLOBS)).toEqual([]);
});

it.each(['gone', 'of another size'])('notices that a file is %s', async (how) => {
  await put('a', 'first');
  const files = await walk();
  if (how === 'gone') await disk.remove(objectKey('snapshots/debian/by-hand/a'));
  else await put('a', 'longer than that');
  await expect(ingest(files)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
});
