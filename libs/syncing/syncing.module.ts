import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { Module, type DynamicModule, type Provider } from '@nestjs/common';

import { COMMAND_RUNNER, type CommandRunner } from '#libs/commands/run-command.js';
import { CONFIG, type Config } from '#libs/config/config.js';
import { JOB_QUEUE, type JobQueue } from '#libs/jobs/job-queue.js';
import { actor, type Actor } from '#libs/kernel/actor.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { METRICS, type Metrics } from '#libs/observability/metrics.js';
import { DATABASE, type Database } from '#libs/persistence/database.js';
import { LEASES, type Leases } from '#libs/persistence/lease.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { REPOSITORY_STORE, type RepositoryStore } from '#libs/repositories/repository-store.js';
import { PruneSnapshots } from '#libs/snapshots/removal/prune-snapshots.js';
import { RecoverSnapshots } from '#libs/snapshots/recovery/recover-snapshots.js';
import { RemoveRepositoryContent } from '#libs/snapshots/removal/remove-repository-content.js';
import { SweepStaging } from '#libs/snapshots/recovery/sweep-staging.js';
import { TakeSnapshot } from '#libs/snapshots/take-snapshot.js';
import { DISK, type Disk } from '#libs/storage/disk.js';

import { DatabaseRunStore } from './adapters/database-run-store.js';
import { LocalWorkplace } from './adapters/local-workplace.js';
import { runLogTable, runTable } from './adapters/run.table.js';
import { AttemptRun, type AttemptSurroundings } from './attempt-run.js';
import { CancelOpenRuns } from './runs/cancel-open-runs.js';
import { CancelRun } from './runs/cancel-run.js';
import { type SyncTimes } from './schedule/due-syncs.js';
import { FollowRun } from './runs/follow-run.js';
import { QueueDueSyncs } from './schedule/queue-due-syncs.js';
import { RecoverRepositories } from './upkeep/recover-repositories.js';
import { RemoveDeletedRepositories } from './upkeep/remove-deleted-repositories.js';
import { RequestSync } from './request-sync.js';
import { RequeueOpenRuns } from './upkeep/requeue-open-runs.js';
import { RunSyncCommand } from './run-sync-command.js';
import { RUN_STORE, type RunStore } from './runs/run-store.js';
import { SweepRuns } from './upkeep/sweep-runs.js';
import { SyncRepository, type SnapshotSteps } from './sync-repository.js';

export const syncingTables = [runTable, runLogTable];

/** This process, as it stands in leases and in the audit log. */
export const WORKER = Symbol('Worker');

const SURROUNDINGS = Symbol('AttemptSurroundings');
const SNAPSHOT_STEPS = Symbol('SnapshotSteps');
const SYNC_TIMES = Symbol('SyncTimes');

const parts: Provider[] = [
  { provide: WORKER, useFactory: (): Actor => actor('worker', `${hostname()}:${String(process.pid)}`) },
  {
    provide: RUN_STORE,
    useFactory: (database: Database): RunStore => new DatabaseRunStore(database),
    inject: [DATABASE],
  },
  {
    provide: SYNC_TIMES,
    useFactory: ({ sync, app }: Config): SyncTimes => ({ schedule: sync.schedule, timezone: app.timezone }),
    inject: [CONFIG],
  },
  {
    provide: SURROUNDINGS,
    useFactory: (clock: Clock, log: Log, metrics: Metrics, worker: Actor): AttemptSurroundings => ({
      clock,
      log,
      metrics,
      worker,
    }),
    inject: [CLOCK, LOG, METRICS, WORKER],
  },
  {
    provide: SNAPSHOT_STEPS,
    useFactory: (
      take: TakeSnapshot,
      prune: PruneSnapshots,
      recover: RecoverSnapshots,
      repositories: RepositoryStore,
    ): SnapshotSteps => ({
      recover: ({ repository, fence }, act) => recover.run({ repository: repository.name, fence, act }),
      take,
      // Asked for again: it may have been frozen since the sync began.
      prune: async ({ repository }, act) => prune.run(await getRepository(repositories, repository.name), act),
    }),
    inject: [TakeSnapshot, PruneSnapshots, RecoverSnapshots, REPOSITORY_STORE],
  },
];

const attempting: Provider[] = [
  {
    provide: RunSyncCommand,
    useFactory: (commands: CommandRunner, disk: Disk, { disk: { root }, storagePath, sync }: Config) =>
      new RunSyncCommand(commands, new LocalWorkplace(disk, root, join(storagePath, 'locks')), sync),
    inject: [COMMAND_RUNNER, DISK, CONFIG],
  },
  {
    provide: AttemptRun,
    useFactory: (runs: RunStore, repositories: RepositoryStore, leases: Leases, surroundings: AttemptSurroundings) =>
      new AttemptRun(runs, repositories, leases, surroundings),
    inject: [RUN_STORE, REPOSITORY_STORE, LEASES, SURROUNDINGS],
  },
  {
    provide: SyncRepository,
    useFactory: (
      attempt: AttemptRun,
      command: RunSyncCommand,
      steps: SnapshotSteps,
      { worker, log }: AttemptSurroundings,
    ) => new SyncRepository(attempt, command, steps, worker, log),
    inject: [AttemptRun, RunSyncCommand, SNAPSHOT_STEPS, SURROUNDINGS],
  },
  {
    provide: RecoverRepositories,
    useFactory: (
      repositories: RepositoryStore,
      leases: Leases,
      recover: RecoverSnapshots,
      sweepStaging: SweepStaging,
      log: Log,
    ) => new RecoverRepositories(repositories, leases, recover, sweepStaging, log),
    inject: [REPOSITORY_STORE, LEASES, RecoverSnapshots, SweepStaging, LOG],
  },
  {
    provide: RemoveDeletedRepositories,
    useFactory: (
      repositories: RepositoryStore,
      runs: RunStore,
      leases: Leases,
      cancelOpenRuns: CancelOpenRuns,
      removeContent: RemoveRepositoryContent,
    ) => new RemoveDeletedRepositories(repositories, runs, leases, cancelOpenRuns, removeContent),
    inject: [REPOSITORY_STORE, RUN_STORE, LEASES, CancelOpenRuns, RemoveRepositoryContent],
  },
];

const asking: Provider[] = [
  {
    provide: RequestSync,
    useFactory: (repositories: RepositoryStore, runs: RunStore, queue: JobQueue, surroundings: AttemptSurroundings) =>
      new RequestSync(repositories, runs, queue, surroundings),
    inject: [REPOSITORY_STORE, RUN_STORE, JOB_QUEUE, SURROUNDINGS],
  },
  {
    provide: QueueDueSyncs,
    useFactory: (
      repositories: RepositoryStore,
      runs: RunStore,
      queue: JobQueue,
      times: SyncTimes,
      surroundings: AttemptSurroundings,
    ) => new QueueDueSyncs(repositories, runs, queue, times, surroundings),
    inject: [REPOSITORY_STORE, RUN_STORE, JOB_QUEUE, SYNC_TIMES, SURROUNDINGS],
  },
  {
    provide: RequeueOpenRuns,
    useFactory: (runs: RunStore, queue: JobQueue, clock: Clock, log: Log) =>
      new RequeueOpenRuns(runs, queue, clock, log),
    inject: [RUN_STORE, JOB_QUEUE, CLOCK, LOG],
  },
  {
    provide: CancelRun,
    useFactory: (runs: RunStore, queue: JobQueue, clock: Clock) => new CancelRun(runs, queue, clock),
    inject: [RUN_STORE, JOB_QUEUE, CLOCK],
  },
  {
    provide: CancelOpenRuns,
    useFactory: (runs: RunStore, cancelRun: CancelRun) => new CancelOpenRuns(runs, cancelRun),
    inject: [RUN_STORE, CancelRun],
  },
  { provide: FollowRun, useFactory: (runs: RunStore) => new FollowRun(runs, setTimeout), inject: [RUN_STORE] },
  {
    provide: SweepRuns,
    useFactory: (runs: RunStore, queue: JobQueue, clock: Clock, { retention }: Config) =>
      new SweepRuns(runs, queue, clock, retention.runsMs),
    inject: [RUN_STORE, JOB_QUEUE, CLOCK, CONFIG],
  },
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
  }): DynamicModule {
    const { config, observability, persistence, storage, jobs, commands } = imports;
    return {
      module: SyncingModule,
      imports: [config, observability, persistence, storage, jobs, commands, imports.repositories, imports.snapshots],
      providers: [...parts, ...attempting, ...asking],
      exports: [
        RUN_STORE,
        WORKER,
        SyncRepository,
        RecoverRepositories,
        RemoveDeletedRepositories,
        RequestSync,
        QueueDueSyncs,
        RequeueOpenRuns,
        CancelRun,
        CancelOpenRuns,
        FollowRun,
        SweepRuns,
      ],
    };
  }
}
