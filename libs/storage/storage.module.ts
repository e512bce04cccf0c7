import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG, type Config } from '#libs/config/config.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';

import { openLocalDisk } from './adapters/open-local-disk.js';
import { DISK } from './disk.js';
import { DISK_MEMORY, openKnownDisk, type DiskMemory } from './disk-memory.js';

/** The configured disk. It is opened, and found fit to be written, when the application starts. */
@Module({})
export class StorageModule {
  static register(imports: { readonly config: DynamicModule; readonly memory: DynamicModule }): DynamicModule {
    return {
      module: StorageModule,
      imports: [imports.config, imports.memory],
      providers: [
        {
          provide: DISK,
          useFactory: ({ disk: { root } }: Config, clock: Clock, memory: DiskMemory) =>
            openKnownDisk(memory, (mayMark) => openLocalDisk(root, { clock, mayMark })),
          inject: [CONFIG, CLOCK, DISK_MEMORY],
        },
      ],
      exports: [DISK],
    };
  }
}
