import { Module, type DynamicModule } from '@nestjs/common';

import { type JobHandler } from '#libs/jobs/job.js';
import { provide, token } from '#libs/kernel/provider.js';
import { LOG } from '#libs/observability/log.js';
import { ReleaseMilestone } from '#libs/releases/release-milestone.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { CollectGarbage } from '#libs/snapshots/garbage/collect-garbage.js';
import { PruneSnapshots } from '#libs/snapshots/removal/prune-snapshots.js';
import { RemoveDeletedRepositories } from '#libs/syncing/upkeep/remove-deleted-repositories.js';
import { SweepRuns } from '#libs/syncing/upkeep/sweep-runs.js';
import { SyncRepository } from '#libs/syncing/sync-repository.js';
import { WORKER } from '#libs/syncing/syncing.module.js';

import { handlers, type WorkerUseCases } from './handlers.js';

export const HANDLERS = token<readonly JobHandler[]>('Handlers');
const USE_CASES = token<WorkerUseCases>('WorkerUseCases');

const WORKER_USE_CASES = provide(
  USE_CASES,
  [
    SyncRepository,
    ReleaseMilestone,
    PruneSnapshots,
    CollectGarbage,
    RemoveDeletedRepositories,
    SweepRuns,
    REPOSITORY_STORE,
    LOG,
    WORKER,
  ],
  (...useCases) => {
    const [
      syncRepository,
      releaseMilestone,
      pruneSnapshots,
      collectGarbage,
      removeDeleted,
      sweepRuns,
      repositories,
      log,
      worker,
    ] = useCases;
    return {
      syncRepository,
      releaseMilestone,
      pruneSnapshots,
      collectGarbage,
      removeDeletedRepositories: removeDeleted,
      sweepRuns,
      repositories,
      log,
      worker,
    };
  },
);

@Module({})
export class WorkerModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly jobs: DynamicModule;
    readonly repositories: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly syncing: DynamicModule;
    readonly releases: DynamicModule;
    readonly maintenance: DynamicModule;
  }): DynamicModule {
    const { config, observability, jobs, repositories, snapshots, syncing, releases, maintenance } = imports;
    return {
      module: WorkerModule,
      imports: [config, observability, jobs, repositories, snapshots, syncing, releases, maintenance],
      providers: [WORKER_USE_CASES, provide(HANDLERS, [USE_CASES], handlers)],
    };
  }
}
