import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK } from '#libs/kernel/clock.js';
import { provideClass } from '#libs/kernel/provider.js';
import { LEASES } from '#libs/persistence/lease.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { AdoptDirectory } from '#libs/snapshots/recovery/adopt-directory.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';
import { DISK } from '#libs/storage/disk.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { ChooseSnapshot } from './choose-snapshot.js';
import { DescribeRepositories } from './describe-repositories.js';
import { FreezeRepository } from './freeze-repository.js';
import { UnfreezeRepository } from './unfreeze-repository.js';

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
        provideClass(ChooseSnapshot, [SNAPSHOT_STORE, DISK, AdoptDirectory, LEASES]),
        provideClass(FreezeRepository, [REPOSITORY_STORE, SNAPSHOT_STORE, ChooseSnapshot, CLOCK]),
        provideClass(UnfreezeRepository, [REPOSITORY_STORE, CLOCK]),
        provideClass(DescribeRepositories, [REPOSITORY_STORE, SNAPSHOT_STORE, RUN_STORE, CLOCK]),
      ],
      exports: [FreezeRepository, UnfreezeRepository, DescribeRepositories],
    };
  }
}
