import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';

import { type SourceFile } from '../../source/source.js';
import { failingCall } from '../../testing/failing-call.js';
import { DEBIAN, SnapshotWorld } from '../../testing/snapshot-world.js';

describe('LocalSource, when the disk fails,', () => {
  let world: SnapshotWorld;
  beforeEach(async () => void (world = await SnapshotWorld.make()));
  afterEach(() => {
    jest.restoreAllMocks();
    world.remove();
  });

  const walk = async (): Promise<readonly SourceFile[]> => {
    const files: SourceFile[] = [];
    for await (const batch of world.source.walk(DEBIAN, undefined)) files.push(...batch);
    return files;
  };
  const ingest = (files: readonly SourceFile[]) =>
    world.source.ingest(DEBIAN, undefined, files, 'run-1', new AbortController().signal);
  const sha = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

  it.each([
    ['writeSync', 'ENOSPC', 'DISK_FULL'],
    ['openSync', 'ENOSPC', 'DISK_FULL'],
    ['fsync', 'EIO', 'DISK_FAILED'],
    ['renameSync', 'EIO', 'DISK_FAILED'],
    ['mkdirSync', 'ENOSPC', 'DISK_FULL'],
    ['fsyncSync', 'EIO', 'DISK_FAILED'],
    ['utimesSync', 'EROFS', 'DISK_READ_ONLY'],
  ] as const)('makes whole blobs or none when %s fails with %s, whenever (I-27, T-22)', async (call, code, meaning) => {
    const old = Buffer.alloc(1_200_000, 'o');
    world.change({ old });
    await ingest(await walk());
    world.change({ a: 'a', b: 'b', large: Buffer.alloc(2_200_000, 'l'), z: 'z' });
    const files = await walk();
    let failures = 0;
    for (let nth = 1; ; nth += 1) {
      const spy = failingCall(call, nth, code, (path) => !String(path).includes('/source/'));
      const outcome: unknown = await ingest(files).then(
        () => undefined,
        (error: unknown) => error,
      );
      jest.restoreAllMocks();
      for (const blob of world.blobs()) expect(sha(fs.readFileSync(world.blobPath(blob as never)))).toBe(blob);
      expect(fs.readdirSync(join(world.root, 'staging/run-1'))).toEqual([]);
      if (!spy.failed) break;
      failures += 1;
      expect(outcome).toMatchObject({ code: meaning, kind: 'unavailable' });
      for (const blob of world.blobs()) if (blob !== sha(old)) fs.rmSync(world.blobPath(blob as never));
    }
    expect(failures).toBeGreaterThan(0);
  });

  it('closes every file it opens', async () => {
    world.change({ a: 'a', large: Buffer.alloc(2_200_000) });
    const files = await walk();
    await ingest(files);
    const before = fs.readdirSync('/proc/self/fd').length;
    await ingest(files);
    world.change({ a: 'b' });
    failingCall('readSync', 1, 'EIO');
    await expect(ingest(files)).rejects.toThrow();
    jest.restoreAllMocks();
    failingCall('writeSync', 1, 'EIO');
    await expect(ingest(await walk())).rejects.toThrow();
    expect(fs.readdirSync('/proc/self/fd').length).toBe(before);
  });
});
