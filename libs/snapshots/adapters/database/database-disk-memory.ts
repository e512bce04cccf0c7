import { type EntityManager } from 'typeorm';

import { type Database } from '#libs/persistence/database.js';
import { type DiskMemory } from '#libs/storage/disk-memory.js';

import { diskTable } from './disk.table.js';
import { snapshotTable } from './snapshot.table.js';

const NAME = 'default';

export class DatabaseDiskMemory implements DiskMemory {
  constructor(private readonly database: Database) {}

  recall(): Promise<string | undefined> {
    return this.database.read(async (manager) =>
      (await manager.exists(snapshotTable)) ? this.markerId(manager) : undefined,
    );
  }

  async remember(markerId: string): Promise<void> {
    // Each program says so at each start; only the first has something to write.
    if ((await this.database.read((manager) => this.markerId(manager))) === markerId) return;
    await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .insert()
        .into(diskTable)
        .values({ name: NAME, markerId })
        .orUpdate(['marker_id'], ['name'])
        .execute(),
    );
  }

  async agreeOn(markerId: string): Promise<string> {
    const agreed = await this.database.read((manager) => this.markerId(manager));
    if (agreed !== undefined) return agreed;
    return this.database.write(async (manager) => {
      const row = { name: NAME, markerId };
      await manager.createQueryBuilder().insert().into(diskTable).values(row).orIgnore().execute();
      return (await this.markerId(manager)) ?? markerId;
    });
  }

  private async markerId(manager: EntityManager): Promise<string | undefined> {
    return (await manager.findOneBy(diskTable, { name: NAME }))?.markerId;
  }
}
