import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openLocalDisk } from './adapters/open-local-disk.js';
import { openKnownDisk, type DiskMemory } from './disk-memory.js';
import { diskIsOurs, markerIdOf } from './disk-marker.js';

describe('openKnownDisk', () => {
  let root: string;
  let remembered: string | undefined;
  let hasSnapshots: boolean;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'known-disk-'));
    remembered = undefined;
    hasSnapshots = false;
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const memory: DiskMemory = {
    recall: () => Promise.resolve(hasSnapshots ? remembered : undefined),
    remember: (id) => {
      remembered = id;
      return Promise.resolve();
    },
    agreeOn: (id) => Promise.resolve((remembered ??= id)),
  };
  const mountPoint = () => join(root, 'disk');
  const start = () => openKnownDisk(memory, (marking) => openLocalDisk(mountPoint(), marking));
  const unmount = () => {
    renameSync(mountPoint(), join(root, 'volume'));
    mkdirSync(mountPoint());
  };
  const mount = () => {
    rmSync(mountPoint(), { recursive: true, force: true });
    renameSync(join(root, 'volume'), mountPoint());
  };

  it('remembers the disk that it marked', async () => {
    const disk = await start();
    expect(remembered).toBe(await markerIdOf(disk));
    expect(remembered).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has one id when several programs start at once', async () => {
    const disks = await Promise.all([start(), start(), start()]);
    expect(new Set(await Promise.all(disks.map(markerIdOf)))).toEqual(new Set([remembered]));
  });

  it('takes no empty folder for the disk of the snapshots, and knows that one again (T-38)', async () => {
    await start();
    hasSnapshots = true;
    unmount();
    expect(await diskIsOurs(await start())).toBe(false);
    expect(readdirSync(mountPoint())).toEqual([]);
    rmSync(mountPoint(), { recursive: true });
    expect(await diskIsOurs(await start())).toBe(false);
    expect(existsSync(mountPoint())).toBe(false);
    mount();
    expect(await diskIsOurs(await start())).toBe(true);
  });

  it('refuses another disk as long as there are snapshots, and says how it could take over', async () => {
    const id = await markerIdOf(await start());
    hasSnapshots = true;
    writeFileSync(join(mountPoint(), '.parceler-disk'), '{"id": "other"}');
    await expect(start()).rejects.toMatchObject({
      code: 'DISK_REPLACED',
      message: expect.stringContaining('"other"') as string,
      hint: expect.stringContaining(`"${String(id)}"`) as string,
    });
    expect(remembered).toBe(id);
    writeFileSync(join(mountPoint(), '.parceler-disk'), JSON.stringify({ id }));
    expect(await diskIsOurs(await start())).toBe(true);
  });

  it.each(['', 'no JSON', '[]', 'null', '{"id": 1}'])('refuses a marker like %j in its place', async (marker) => {
    await start();
    hasSnapshots = true;
    writeFileSync(join(mountPoint(), '.parceler-disk'), marker);
    await expect(start()).rejects.toMatchObject({ code: 'DISK_REPLACED' });
  });

  it('takes to a new disk while there are no snapshots: the first start may have come before the mount', async () => {
    await start();
    unmount();
    const disk = await start();
    expect(await diskIsOurs(disk)).toBe(true);
    expect(remembered).toBe(await markerIdOf(disk));
    expect(readdirSync(mountPoint())).toContain('snapshots');
  });
});
