import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide } from '#libs/kernel/provider.js';

import { openLocalDisk } from './adapters/open-local-disk.js';
import { DISK } from './disk.js';
import { DISK_MEMORY, openKnownDisk } from './disk-memory.js';

/** The configured disk. It is opened, and found fit to be written, when the application starts. */
@Module({})
export class StorageModule {
  static register(imports: { readonly config: DynamicModule; readonly memory: DynamicModule }): DynamicModule {
    return {
      module: StorageModule,
      imports: [imports.config, imports.memory],
      providers: [
        provide(DISK, [CONFIG, CLOCK, DISK_MEMORY], ({ disk: { root } }, clock, memory) =>
          openKnownDisk(memory, (mayMark) => openLocalDisk(root, { clock, mayMark })),
        ),
      ],
      exports: [DISK],
    };
  }
}
