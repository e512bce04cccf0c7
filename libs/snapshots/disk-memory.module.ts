import { Module, type DynamicModule } from '@nestjs/common';

import { provide } from '#libs/kernel/provider.js';
import { DATABASE } from '#libs/persistence/database.js';
import { DISK_MEMORY } from '#libs/storage/disk-memory.js';

import { DatabaseDiskMemory } from './adapters/database/database-disk-memory.js';

/** What the storage has to know before there is a disk; hence a module of its own. */
@Module({})
export class DiskMemoryModule {
  static register(imports: { readonly persistence: DynamicModule }): DynamicModule {
    return {
      module: DiskMemoryModule,
      imports: [imports.persistence],
      providers: [provide(DISK_MEMORY, [DATABASE], (database) => new DatabaseDiskMemory(database))],
      exports: [DISK_MEMORY],
    };
  }
}
