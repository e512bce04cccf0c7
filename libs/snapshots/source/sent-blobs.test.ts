import { createHash } from 'node:crypto';

import { HOUR } from '#libs/kernel/duration.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { MemoryDisk } from '#libs/storage/adapters/memory-disk.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';
import { contentOf } from '#libs/storage/testing/disk.contract.js';
import { failingDisk } from '#libs/storage/testing/failing-disk.js';

import { SentBlobs } from './sent-blobs.js';

const bytes = Buffer.from('content');
const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256;
const key = blobKey(sha256);

it('sends a content once, however many files have it', async () => {
  const disk = failingDisk(new MemoryDisk(), 'any', Number.MAX_SAFE_INTEGER);
  const blobs = new SentBlobs(disk, fixedClock('2026-01-01T00:00:00Z'));
  await Promise.all([1, 2, 3].map(() => blobs.keep(sha256, bytes.length, () => bytes)));
  expect(disk.calls.filter(({ method }) => method === 'write')).toHaveLength(1);
  expect(await contentOf(disk, key)).toBe('content');
});

it.each([
  ['leaves alone what is young', 11, 0],
  ['touches what the collector of garbage may be about to judge (T-14)', 13, 13],
])('%s', async (_, hours, touchedAfter) => {
  const clock = fixedClock('2026-01-01T00:00:00Z');
  const begin = clock.now().getTime();
  const disk = new MemoryDisk(clock);
  await disk.write(key, bytes);
  clock.advance(hours * HOUR);
  await new SentBlobs(disk, clock).keep(sha256, bytes.length, () => Buffer.from('never sent'));
  expect((await disk.stat(key))?.modifiedAt.getTime()).toBe(begin + touchedAfter * HOUR);
  expect(await contentOf(disk, key)).toBe('content');
});

it('replaces what does not have its size, and tries again after a failure', async () => {
  const disk = new MemoryDisk();
  await disk.write(key, Buffer.from('short'));
  const blobs = new SentBlobs(failingDisk(disk, 'write', 1), fixedClock('2026-01-01T00:00:00Z'));
  await expect(blobs.keep(sha256, bytes.length, () => bytes)).rejects.toMatchObject({ code: 'DISK_FAILED' });
  await blobs.keep(sha256, bytes.length, () => bytes);
  expect(await contentOf(disk, key)).toBe('content');
});
