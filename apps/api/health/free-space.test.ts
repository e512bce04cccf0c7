import { tmpdir } from 'node:os';

import { FreeSpace, freeBytesOf, type Volume } from './free-space.js';

const GIB = 1024 ** 3;

const spaceOf = (bytes: Readonly<Record<Volume, number | undefined>>) =>
  new FreeSpace({ database: async () => bytes.database, disk: async () => bytes.disk });

describe('FreeSpace (T-23)', () => {
  it.each<readonly [number | undefined, number | undefined, readonly Volume[]]>([
    [GIB, GIB, []],
    [GIB - 1, GIB, ['database']],
    [GIB, GIB - 1, ['disk']],
    [0, 0, ['database', 'disk']],
    [undefined, undefined, []],
  ])('%s bytes for the database and %s for the disk: little for %j', async (database, disk, little) => {
    expect(await spaceOf({ database, disk }).little()).toEqual(little);
  });

  it('says nothing of a volume that does not answer', async () => {
    const space = new FreeSpace({ database: () => Promise.reject(new Error('gone')), disk: async () => 5 });
    expect([...(await space.bytes())]).toEqual([['disk', 5]]);
    expect(await space.little()).toEqual(['disk']);
  });

  it('asks the volume of a folder', async () => {
    expect(await freeBytesOf(tmpdir())).toBeGreaterThan(0);
  });
});
