import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass, token } from '#libs/kernel/provider.js';
import { LEASES } from '#libs/persistence/lease.js';
import { REPOSITORY_STORE, type RepositoryStore } from '#libs/repositories/repository-store.js';
import { AdoptDirectory } from '#libs/snapshots/recovery/adopt-directory.js';
import { SNAPSHOT_STORE, type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { DISK } from '#libs/storage/disk.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { DescribeRepositories } from './describe-repositories.js';
import { FreezeRepository } from './freeze-repository.js';
import { UnfreezeRepository } from './unfreeze-repository.js';

const STORES = token<{ readonly repositories: RepositoryStore; readonly snapshots: SnapshotStore }>('Stores');

@Module({})
export class ReleasesModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly persistence: DynamicModule;
    readonly storage: DynamicModule;
    readonly repositories: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly syncing: DynamicModule;
  }): DynamicModule {
    const { config, persistence, storage } = imports;
    return {
      module: ReleasesModule,
      imports: [config, persistence, storage, imports.repositories, imports.snapshots, imports.syncing],
      providers: [
        provide(STORES, [REPOSITORY_STORE, SNAPSHOT_STORE], (repositories, snapshots) => ({ repositories, snapshots })),
        provideClass(FreezeRepository, [STORES, DISK, AdoptDirectory, LEASES, CLOCK]),
        provideClass(UnfreezeRepository, [REPOSITORY_STORE, CLOCK]),
        provideClass(DescribeRepositories, [REPOSITORY_STORE, SNAPSHOT_STORE, RUN_STORE, CLOCK]),
      ],
      exports: [FreezeRepository, UnfreezeRepository, DescribeRepositories],
    };
  }
}
