import { JobNotReady, type JobContext, type JobDefinition, type JobHandler } from '#libs/jobs/job.js';
import { type Actor } from '#libs/kernel/actor.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { isAppError } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';
import { eachRepository } from '#libs/repositories/each-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type ReleaseMilestone } from '#libs/releases/release-milestone.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Collected, type CollectGarbage } from '#libs/snapshots/garbage/collect-garbage.js';
import * as snapshotJobs from '#libs/snapshots/jobs.js';
import { type PruneSnapshots } from '#libs/snapshots/removal/prune-snapshots.js';
import * as syncingJobs from '#libs/syncing/jobs.js';
import { type RemoveDeletedRepositories } from '#libs/syncing/upkeep/remove-deleted-repositories.js';
import { type SweepRuns } from '#libs/syncing/upkeep/sweep-runs.js';
import { type SyncRepository } from '#libs/syncing/sync-repository.js';

export interface WorkerUseCases {
  readonly syncRepository: Pick<SyncRepository, 'run'>;
  readonly releaseMilestone: Pick<ReleaseMilestone, 'run'>;
  readonly pruneSnapshots: Pick<PruneSnapshots, 'run'>;
  readonly collectGarbage: Pick<CollectGarbage, 'run'>;
  readonly removeDeletedRepositories: Pick<RemoveDeletedRepositories, 'run'>;
  readonly sweepRuns: Pick<SweepRuns, 'run'>;
  readonly repositories: Pick<RepositoryStore, 'list'>;
  readonly log: Log;
  readonly worker: Actor;
}

/** The whole table: job → use case. */
export function handlers(use: WorkerUseCases): readonly JobHandler[] {
  const act = { actor: use.worker };
  return [
    handler(syncingJobs.syncJob, ({ run }, { signal }) => use.syncRepository.run(run, signal)),
    handler(syncingJobs.milestoneJob, ({ run }, { signal }) => use.releaseMilestone.run(run, signal)),
    handler(syncingJobs.removeDeletedRepositoriesJob, () => use.removeDeletedRepositories.run(act)),
    handler(syncingJobs.sweepRunsJob, () => use.sweepRuns.run()),
    handler(snapshotJobs.pruneSnapshotsJob, async (_, { signal }) => {
      const prune = ({ name }: Repository) => use.pruneSnapshots.run(name, act);
      await eachRepository(await use.repositories.list(), use.log, prune, signal);
    }),
    handler(snapshotJobs.collectGarbageJob, (_, { signal }) =>
      use.collectGarbage.run({ dryRun: false, owner: use.worker, signal }).then(tellUnreadable(use.log), laterWhenBusy),
    ),
  ];
}

/** Every `jobs.ts`. A lib that declares jobs is entered here; a test says so. */
const DECLARATIONS = [syncingJobs, snapshotJobs];

/** @throws Error when a job that is declared somewhere has no handler: it would be parked as soon as it is queued */
export function assertAllHandled(handlers: readonly JobHandler[]): void {
  const handled = new Set(handlers.map(({ job }) => job.name));
  const unhandled = declaredJobs().filter((name) => !handled.has(name));
  if (unhandled.length > 0) throw new Error(`jobs without a handler: ${unhandled.join(', ')}`);
}

export const declaredJobs = (): readonly string[] =>
  DECLARATIONS.flatMap((declarations) => Object.values<unknown>(declarations))
    .filter(isJobDefinition)
    .map(({ name }) => name);

const isJobDefinition = (value: unknown): value is JobDefinition<unknown> =>
  typeof value === 'object' && value !== null && 'name' in value && 'attempts' in value && 'parse' in value;

function handler<Data>(
  job: JobDefinition<Data>,
  handle: (data: Data, context: JobContext) => Promise<unknown>,
): JobHandler<Data> {
  return {
    job,
    handle: async (data, context) => {
      await handle(data, context);
    },
  };
}

const tellUnreadable =
  (log: Log) =>
  ({ unreadable }: Collected): void => {
    for (const manifest of unreadable) log.warn('a manifest cannot be read; what it needs was kept', { ...manifest });
  };

function laterWhenBusy(error: unknown): never {
  throw isAppError(error, 'BLOBS_BUSY') ? new JobNotReady(10 * MINUTE, error.message) : error;
}
