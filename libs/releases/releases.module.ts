import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { LEASES, type Leases } from '#libs/persistence/lease.js';
import { REPOSITORY_STORE, type RepositoryStore } from '#libs/repositories/repository-store.js';
import { AdoptDirectory } from '#libs/snapshots/recovery/adopt-directory.js';
import { SNAPSHOT_STORE, type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { DISK, type Disk } from '#libs/storage/disk.js';
import { RUN_STORE, type RunStore } from '#libs/syncing/runs/run-store.js';

import { DescribeRepositories } from './describe-repositories.js';
import { FreezeRepository } from './freeze-repository.js';
import { UnfreezeRepository } from './unfreeze-repository.js';

const STORES = Symbol('RepositoriesAndSnapshots');
interface Stores {
  readonly repositories: RepositoryStore;
  readonly snapshots: SnapshotStore;
}

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
        {
          provide: STORES,
          useFactory: (repositories: RepositoryStore, snapshots: SnapshotStore): Stores => ({
            repositories,
            snapshots,
          }),
          inject: [REPOSITORY_STORE, SNAPSHOT_STORE],
        },
        {
          provide: FreezeRepository,
          useFactory: (stores: Stores, disk: Disk, adopt: AdoptDirectory, leases: Leases, clock: Clock) =>
            new FreezeRepository(stores, disk, adopt, leases, clock),
          inject: [STORES, DISK, AdoptDirectory, LEASES, CLOCK],
        },
        {
          provide: UnfreezeRepository,
          useFactory: (repositories: RepositoryStore, clock: Clock) => new UnfreezeRepository(repositories, clock),
          inject: [REPOSITORY_STORE, CLOCK],
        },
        {
          provide: DescribeRepositories,
          useFactory: ({ repositories, snapshots }: Stores, runs: RunStore, clock: Clock) =>
            new DescribeRepositories(repositories, snapshots, runs, clock),
          inject: [STORES, RUN_STORE, CLOCK],
        },
      ],
      exports: [FreezeRepository, UnfreezeRepository, DescribeRepositories],
    };
  }
}
