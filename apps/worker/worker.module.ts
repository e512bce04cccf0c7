import { Module, type DynamicModule } from '@nestjs/common';

import { type Actor } from '#libs/kernel/actor.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { REPOSITORY_STORE, type RepositoryStore } from '#libs/repositories/repository-store.js';
import { CollectGarbage } from '#libs/snapshots/garbage/collect-garbage.js';
import { PruneSnapshots } from '#libs/snapshots/removal/prune-snapshots.js';
import { RemoveDeletedRepositories } from '#libs/syncing/upkeep/remove-deleted-repositories.js';
import { SweepRuns } from '#libs/syncing/upkeep/sweep-runs.js';
import { SyncRepository } from '#libs/syncing/sync-repository.js';
import { WORKER } from '#libs/syncing/syncing.module.js';

import { EachRepository } from './each-repository.js';
import { handlers, type WorkerUseCases } from './handlers.js';

export const HANDLERS = Symbol('Handlers');

const USE_CASES = {
  provide: Symbol('WorkerUseCases'),
  useFactory: (
    ...[syncRepository, pruneSnapshots, collectGarbage, removeDeletedRepositories, sweepRuns, each, worker]: [
      SyncRepository,
      PruneSnapshots,
      CollectGarbage,
      RemoveDeletedRepositories,
      SweepRuns,
      EachRepository,
      Actor,
    ]
  ): WorkerUseCases => ({
    syncRepository,
    pruneSnapshots,
    collectGarbage,
    removeDeletedRepositories,
    sweepRuns,
    eachRepository: each,
    worker,
  }),
  inject: [
    SyncRepository,
    PruneSnapshots,
    CollectGarbage,
    RemoveDeletedRepositories,
    SweepRuns,
    EachRepository,
    WORKER,
  ],
};

@Module({})
export class WorkerModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly jobs: DynamicModule;
    readonly repositories: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly syncing: DynamicModule;
  }): DynamicModule {
    const { config, observability, jobs, repositories, snapshots, syncing } = imports;
    return {
      module: WorkerModule,
      imports: [config, observability, jobs, repositories, snapshots, syncing],
      providers: [
        {
          provide: EachRepository,
          useFactory: (store: RepositoryStore, log: Log) => new EachRepository(store, log),
          inject: [REPOSITORY_STORE, LOG],
        },
        USE_CASES,
        { provide: HANDLERS, useFactory: (use: WorkerUseCases) => handlers(use), inject: [USE_CASES.provide] },
      ],
    };
  }
}
