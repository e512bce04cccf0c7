import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG, type Config } from '#libs/config/config.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';

import { openLocalDisk } from './adapters/open-local-disk.js';
import { DISK } from './disk.js';

/** The configured disk. It is opened, and found fit to be written, when the application starts. */
@Module({})
export class StorageModule {
  static register(imports: { readonly config: DynamicModule }): DynamicModule {
    return {
      module: StorageModule,
      imports: [imports.config],
      providers: [
        {
          provide: DISK,
          useFactory: (config: Config, clock: Clock) => openLocalDisk(config.disk.root, clock),
          inject: [CONFIG, CLOCK],
        },
      ],
      exports: [DISK],
    };
  }
}
