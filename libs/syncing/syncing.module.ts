import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { Module, type DynamicModule } from '@nestjs/common';

import { COMMAND_RUNNER } from '#libs/commands/run-command.js';
import { CONFIG } from '#libs/config/config.js';
import { JOB_QUEUE } from '#libs/jobs/job-queue.js';
import { actor, type Actor } from '#libs/kernel/actor.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass, token } from '#libs/kernel/provider.js';
import { LOG } from '#libs/observability/log.js';
import { LEASES } from '#libs/persistence/lease.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { PruneSnapshots } from '#libs/snapshots/removal/prune-snapshots.js';
import { PACKAGE_CATALOG, unreadIn } from '#libs/snapshots/packages/package-catalog.js';
import { RebuildIndex } from '#libs/snapshots/recovery/rebuild-index.js';
import { RecoverSnapshots } from '#libs/snapshots/recovery/recover-snapshots.js';
import { RemoveRepositoryContent } from '#libs/snapshots/removal/remove-repository-content.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';
import { SweepStaging } from '#libs/snapshots/recovery/sweep-staging.js';
import { TakeSnapshot } from '#libs/snapshots/take-snapshot.js';
import { DISK } from '#libs/storage/disk.js';

import { LocalWorkplace } from './adapters/local-workplace.js';
import { runLogTable, runTable } from './adapters/run.table.js';
import { AttemptRun, type AttemptSurroundings } from './attempt-run.js';
import { DeleteRepository } from './delete-repository.js';
import { CancelOpenRuns } from './runs/cancel-open-runs.js';
import { CancelRun } from './runs/cancel-run.js';
import { SYNC_TIMES } from './schedule/due-syncs.js';
import { FollowRun } from './runs/follow-run.js';
import { QueueDueSyncs } from './schedule/queue-due-syncs.js';
import { RebuildRepositories } from './upkeep/rebuild-repositories.js';
import { RecoverRepositories } from './upkeep/recover-repositories.js';
import { RemoveDeletedRepositories, type RemovalSteps } from './upkeep/remove-deleted-repositories.js';
import { RequeueOpenRuns } from './upkeep/requeue-open-runs.js';
import { RunSyncCommand } from './run-sync-command.js';
import { RUN_STORE } from './runs/run-store.js';
import { SweepRuns } from './upkeep/sweep-runs.js';
import { SyncAndSnapshot, type SnapshotSteps } from './sync-and-snapshot.js';
import { SyncRepository } from './sync-repository.js';

export const syncingTables = [runTable, runLogTable];

/** This process, as it stands in leases and in the audit log. */
export const WORKER = token<Actor>('Worker');

const SURROUNDINGS = token<AttemptSurroundings>('AttemptSurroundings');
const SNAPSHOT_STEPS = token<SnapshotSteps>('SnapshotSteps');
const REMOVAL_STEPS = token<RemovalSteps>('RemovalSteps');

const PARTS = [
  provide(WORKER, [], () => actor('worker', `${hostname()}:${String(process.pid)}`)),
  provide(SURROUNDINGS, [CLOCK, LOG, WORKER], (clock, log, worker) => ({ clock, log, worker })),
  provide(REMOVAL_STEPS, [CancelOpenRuns, RUN_STORE, RemoveRepositoryContent], (cancel, runs, content) => ({
    cancelRuns: (name, act) => cancel.run(name, act),
    forgetRuns: (name, fence) => runs.forgetAll(name, fence),
    removeContent: (repository, fence) => content.run(repository, fence),
  })),
  provide(
    SNAPSHOT_STEPS,
    [TakeSnapshot, PruneSnapshots, RecoverSnapshots, SNAPSHOT_STORE, PACKAGE_CATALOG],
    (take, prune, recover, snapshots, packages) => ({
      recover: ({ repository, fence }, act) => recover.run({ repository: repository.name, fence, act }),
      madeBefore: async ({ run, repository }) =>
        (await snapshots.list(repository.name)).find((made) => made.run === run.id),
      take,
      unread: ({ repository, sequence }) => unreadIn(packages, repository, sequence),
      prune: ({ repository }, act) => prune.run(repository.name, act),
    }),
  ),
];

const ATTEMPTING = [
  provide(
    RunSyncCommand,
    [COMMAND_RUNNER, DISK, CONFIG],
    (commands, disk, { source: { root }, storagePath, sync }) =>
      new RunSyncCommand(commands, new LocalWorkplace(disk, root, join(storagePath, 'locks')), sync),
  ),
  provideClass(AttemptRun, [RUN_STORE, REPOSITORY_STORE, LEASES, SURROUNDINGS]),
  provideClass(SyncAndSnapshot, [RunSyncCommand, SNAPSHOT_STEPS, LOG]),
  provideClass(SyncRepository, [AttemptRun, SyncAndSnapshot]),
  provideClass(RecoverRepositories, [REPOSITORY_STORE, LEASES, RecoverSnapshots, SweepStaging, LOG]),
  provideClass(RebuildRepositories, [REPOSITORY_STORE, LEASES, RebuildIndex]),
  provideClass(RemoveDeletedRepositories, [REPOSITORY_STORE, LEASES, REMOVAL_STEPS, LOG]),
];

const ASKING = [
  provideClass(QueueDueSyncs, [REPOSITORY_STORE, RUN_STORE, JOB_QUEUE, SYNC_TIMES, SURROUNDINGS]),
  provideClass(RequeueOpenRuns, [RUN_STORE, JOB_QUEUE, CLOCK, LOG]),
  provideClass(CancelRun, [RUN_STORE, CLOCK]),
  provideClass(CancelOpenRuns, [RUN_STORE, CancelRun]),
  provideClass(DeleteRepository, [REPOSITORY_STORE, CancelOpenRuns, CLOCK]),
  provide(FollowRun, [RUN_STORE], (runs) => new FollowRun(runs, setTimeout)),
  provide(
    SweepRuns,
    [RUN_STORE, JOB_QUEUE, CLOCK, CONFIG],
    (runs, queue, clock, { retention }) => new SweepRuns(runs, queue, clock, retention.runsMs),
  ),
];

@Module({})
export class SyncingModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly persistence: DynamicModule;
    readonly storage: DynamicModule;
    readonly jobs: DynamicModule;
    readonly commands: DynamicModule;
    readonly repositories: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly syncTimes: DynamicModule;
    readonly runRequests: DynamicModule;
  }): DynamicModule {
    return {
      module: SyncingModule,
      imports: Object.values(imports),
      providers: [...PARTS, ...ATTEMPTING, ...ASKING],
      exports: [
        imports.runRequests,
        WORKER,
        AttemptRun,
        SyncAndSnapshot,
        SyncRepository,
        RebuildRepositories,
        RecoverRepositories,
        RemoveDeletedRepositories,
        QueueDueSyncs,
        RequeueOpenRuns,
        CancelRun,
        DeleteRepository,
        FollowRun,
        SweepRuns,
      ],
    };
  }
}
