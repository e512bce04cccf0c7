import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass, token } from '#libs/kernel/provider.js';
import { LEASES } from '#libs/persistence/lease.js';
import { UNIT_OF_WORK } from '#libs/persistence/unit-of-work.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { CATALOG } from '#libs/snapshots/catalog/catalog.js';
import { PACKAGE_CATALOG } from '#libs/snapshots/packages/package-catalog.js';
import { AdoptDirectory } from '#libs/snapshots/recovery/adopt-directory.js';
import { PurgeSuperseded } from '#libs/snapshots/removal/purge-superseded.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';
import { DISK } from '#libs/storage/disk.js';
import { AttemptRun } from '#libs/syncing/attempt-run.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { SyncAndSnapshot } from '#libs/syncing/sync-and-snapshot.js';

import { ChooseSnapshot } from './choose-snapshot.js';
import { DescribeRepositories } from './describe-repositories.js';
import { DiffSnapshots, type Catalogs } from './diff-snapshots.js';
import { FindPackages } from './find-packages.js';
import { FreezeRepository } from './freeze-repository.js';
import { ReleaseMilestone, type MilestoneStores } from './release-milestone.js';
import { RollBack } from './roll-back.js';
import { UnfreezeRepository } from './unfreeze-repository.js';

const CATALOGS = token<Catalogs>('Catalogs');
const MILESTONE_STORES = token<MilestoneStores>('MilestoneStores');

@Module({})
export class ReleasesModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly persistence: DynamicModule;
    readonly storage: DynamicModule;
    readonly repositories: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly syncing: DynamicModule;
    readonly milestoneRequests: DynamicModule;
  }): DynamicModule {
    return {
      module: ReleasesModule,
      imports: Object.values(imports),
      providers: [
        provideClass(ChooseSnapshot, [SNAPSHOT_STORE, DISK, AdoptDirectory, LEASES]),
        provideClass(FreezeRepository, [REPOSITORY_STORE, SNAPSHOT_STORE, ChooseSnapshot, CLOCK]),
        provideClass(UnfreezeRepository, [REPOSITORY_STORE, CLOCK]),
        provideClass(RollBack, [REPOSITORY_STORE, SNAPSHOT_STORE, UNIT_OF_WORK, CLOCK]),
        provide(MILESTONE_STORES, [REPOSITORY_STORE, SNAPSHOT_STORE], (repositories, snapshots) => ({
          repositories,
          snapshots,
        })),
        provideClass(ReleaseMilestone, [AttemptRun, SyncAndSnapshot, MILESTONE_STORES, PurgeSuperseded, CLOCK]),
        provide(CATALOGS, [CATALOG, PACKAGE_CATALOG], (files, packages) => ({ files, packages })),
        provideClass(DiffSnapshots, [REPOSITORY_STORE, SNAPSHOT_STORE, CATALOGS, CLOCK]),
        provideClass(FindPackages, [REPOSITORY_STORE, SNAPSHOT_STORE, PACKAGE_CATALOG, CLOCK]),
        provideClass(DescribeRepositories, [REPOSITORY_STORE, SNAPSHOT_STORE, RUN_STORE, CLOCK]),
      ],
      exports: [
        FreezeRepository,
        UnfreezeRepository,
        RollBack,
        imports.milestoneRequests,
        ReleaseMilestone,
        DescribeRepositories,
        DiffSnapshots,
        FindPackages,
      ],
    };
  }
}
