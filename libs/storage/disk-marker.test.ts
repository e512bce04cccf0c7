import { silentLog, type LogFields } from '#libs/observability/log.js';

import { MemoryDisk } from './adapters/memory-disk.js';
import { assertDiskIsOurs, logUnlessOurs, markDisk } from './disk-marker.js';

describe('a disk without its marker', () => {
  const logged: [string, LogFields | undefined][] = [];
  const log = { ...silentLog, error: (message: string, fields?: LogFields) => void logged.push([message, fields]) };
  beforeEach(() => {
    logged.splice(0);
  });

  it('is told in the log of a program that starts, with the way out', async () => {
    await logUnlessOurs(new MemoryDisk(), log);
    expect(logged).toEqual([
      [
        'disk is not mounted, or not ours',
        expect.objectContaining({
          code: 'DISK_NOT_MARKED',
          hint: expect.stringContaining('put .parceler-disk back at its root') as string,
        }),
      ],
    ]);
  });

  it('is refused where something would be believed to be gone', async () => {
    await expect(assertDiskIsOurs(new MemoryDisk())).rejects.toMatchObject({ code: 'DISK_NOT_MARKED' });
  });

  it('is not what a marked one is', async () => {
    const disk = new MemoryDisk();
    await markDisk(disk, 'some-id');
    await logUnlessOurs(disk, log);
    await assertDiskIsOurs(disk);
    expect(logged).toEqual([]);
  });
});
