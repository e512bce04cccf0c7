import fs from 'node:fs';
import { join } from 'node:path';

import { failingCall } from '../../testing/failing-call.js';
import { type SnapshotWorld } from '../../testing/snapshot-world.js';
import { sha256Of, SourceWorld } from '../../testing/source-world.js';

describe('LocalSource, when the disk fails,', () => {
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

  const openFiles = () =>
    fs.readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(world.root)).length;

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
    await source.ingest(await source.walk());
    world.change({ a: 'a', b: 'b', large: Buffer.alloc(2_200_000, 'l'), z: 'z' });
    const files = await source.walk();
    let failures = 0;
    for (let nth = 1; ; nth += 1) {
      const spy = failingCall(call, nth, code, (path) => !String(path).includes('/source/'));
      const outcome: unknown = await source.ingest(files).then(
        () => undefined,
        (error: unknown) => error,
      );
      jest.restoreAllMocks();
      for (const blob of world.blobs()) expect(sha256Of(fs.readFileSync(world.blobPath(blob as never)))).toBe(blob);
      expect(fs.readdirSync(join(world.root, 'staging/run-1'))).toEqual([]);
      if (!spy.failed) break;
      failures += 1;
      expect(outcome).toMatchObject({ code: meaning, kind: 'unavailable' });
      for (const blob of world.blobs()) if (blob !== sha256Of(old)) fs.rmSync(world.blobPath(blob as never));
    }
    expect(failures).toBeGreaterThan(0);
  });

  it('closes every file it opens', async () => {
    world.change({ a: 'a', large: Buffer.alloc(2_200_000) });
    const files = await source.walk();
    await source.ingest(files);
    expect(openFiles()).toBe(0);
    await source.ingest(files);
    world.change({ a: 'b' });
    failingCall('readSync', 1, 'EIO');
    await expect(source.ingest(files)).rejects.toThrow();
    jest.restoreAllMocks();
    failingCall('writeSync', 1, 'EIO');
    await expect(source.ingest(await source.walk())).rejects.toThrow();
    expect(openFiles()).toBe(0);
  });
});

/** Where an open file stands; the listing of open files itself is closed by the time it is looked at. */
function linkOf(path: string): string {
  try {
    return fs.readlinkSync(path);
  } catch {
    return '';
  }
}
