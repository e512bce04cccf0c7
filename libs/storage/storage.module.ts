import { resolve } from 'node:path';

import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG, type Config } from '#libs/config/config.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { provide } from '#libs/kernel/provider.js';

import { LocalDisk } from './adapters/local-disk.js';
import { DISK, SOURCE_DISK, type Disk } from './disk.js';
import { makeLocalFolder, openLocalDisk, tidyLocalFolder } from './adapters/open-local-disk.js';
import { type Marking } from './disk-marker.js';
import { DISK_MEMORY, openKnownDisk } from './disk-memory.js';
import { FOLDERS } from './folders.js';

/** The configured disk. It is opened, and found fit to be written, when the application starts. */
@Module({})
export class StorageModule {
  static register(imports: { readonly config: DynamicModule; readonly memory: DynamicModule }): DynamicModule {
    return {
      module: StorageModule,
      imports: [imports.config, imports.memory],
      providers: [
        provide(DISK, [CONFIG, CLOCK, DISK_MEMORY], ({ disk }, clock, memory) =>
          openKnownDisk(memory, (marking) => openDisk(disk, marking, clock)),
        ),
        provide(SOURCE_DISK, [CONFIG, DISK], (config, disk) =>
          config.disk.driver === 'local' ? disk : new LocalDisk(config.source.root),
        ),
        provide(FOLDERS, [], () => ({
          make: makeLocalFolder,
          tidy: tidyLocalFolder,
          open: (path) => new LocalDisk(resolve(path)),
        })),
      ],
      exports: [DISK, SOURCE_DISK, FOLDERS],
    };
  }
}

async function openDisk(settings: Config['disk'], marking: Marking, clock: Clock): Promise<Disk> {
  if (settings.driver === 'local') return openLocalDisk(settings.root, { clock, ...marking });
  // Loaded only where it is used: the SDK would slow down every command.
  const { openS3Disk } = await import('./adapters/s3/open-s3-disk.js');
  return openS3Disk(settings, marking, { clock });
}
