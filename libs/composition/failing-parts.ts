import { type Database } from '#libs/persistence/database.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { type Disk } from '#libs/storage/disk.js';

export type Part = 'database' | 'disk';

/**
 * What a program cannot work without, and does not have just now. Neither the licence authority nor the queue: an outage
 * elsewhere must not take serving down (trust 2.8).
 */
export async function failingParts(database: Database, disk: Disk): Promise<readonly Part[]> {
  const [databaseWorks, diskWorks] = await Promise.all([
    works(async () => {
      await database.read((manager) => manager.query('select 1'));
      return database.stillOurs();
    }),
    works(() => diskIsOurs(disk)),
  ]);
  return [...(databaseWorks ? [] : (['database'] as const)), ...(diskWorks ? [] : (['disk'] as const))];
}

async function works(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}
