import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { SECOND } from '#libs/kernel/duration.js';
import { provide, token } from '#libs/kernel/provider.js';
import { LEASES } from '#libs/persistence/lease.js';
import { FreezeRepository } from '#libs/releases/freeze-repository.js';
import { RegisterRepository } from '#libs/repositories/register-repository.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { RecoverSnapshots } from '#libs/snapshots/recovery/recover-snapshots.js';
import { OPEN_TREES } from '#libs/snapshots/recovery/trees.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';
import { DISK } from '#libs/storage/disk.js';
import { DISK_MEMORY } from '#libs/storage/disk-memory.js';

import { OriginalOnDisk } from './adapters/original-on-disk.js';
import { ImportParceler } from './import-parceler.js';
import { ImportRepository } from './import-repository.js';
import { type Original } from './original.js';

/** More than a lease outlives whoever held it. */
const PATIENCE_MS = 40 * SECOND;

const ORIGINAL = token<Original>('Original');

@Module({})
export class ImportingModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly persistence: DynamicModule;
    readonly storage: DynamicModule;
    readonly diskMemory: DynamicModule;
    readonly repositories: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly releases: DynamicModule;
  }): DynamicModule {
    const { config, persistence, storage, diskMemory, repositories, snapshots, releases } = imports;
    return {
      module: ImportingModule,
      imports: [config, persistence, storage, diskMemory, repositories, snapshots, releases],
      providers: [
        provide(ORIGINAL, [], () => new OriginalOnDisk()),
        provide(
          ImportRepository,
          [ORIGINAL, REPOSITORY_STORE, SNAPSHOT_STORE, RegisterRepository, RecoverSnapshots, FreezeRepository, LEASES],
          (...parts) => {
            const [original, repositories, snapshots, register, recover, freeze, leases] = parts;
            return new ImportRepository({
              original,
              repositories,
              snapshots,
              register,
              recover,
              freeze,
              leases,
              patienceMs: PATIENCE_MS,
            });
          },
        ),
        provide(ImportParceler, [ORIGINAL, ImportRepository, DISK, DISK_MEMORY, OPEN_TREES, CONFIG], (...parts) => {
          const [original, importRepository, disk, memory, openTrees, { importing }] = parts;
          return new ImportParceler(original, importRepository, { disk, memory, openTrees, ...importing });
        }),
      ],
      exports: [ImportParceler],
    };
  }
}
