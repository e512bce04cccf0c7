import { type JobDefinition } from '#libs/jobs/job.js';
import { type JobQueue } from '#libs/jobs/job-queue.js';
import { HOUR, MINUTE, SECOND } from '#libs/kernel/duration.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { collectGarbageJob, pruneSnapshotsJob } from '#libs/snapshots/jobs.js';
import { removeDeletedRepositoriesJob, sweepRunsJob } from '#libs/syncing/jobs.js';
import { type RequeueOpenRuns } from '#libs/syncing/upkeep/requeue-open-runs.js';
import { type QueueDueSyncs } from '#libs/syncing/schedule/queue-due-syncs.js';

export interface Schedule {
  readonly name: string;
  readonly everyMs: number;
  /** Adds what is missing, so that any number of schedulers may do so at any time. */
  readonly run: () => Promise<unknown>;
}

export interface ScheduledParts {
  readonly queueDueSyncs: Pick<QueueDueSyncs, 'run'>;
  readonly requeueOpenRuns: Pick<RequeueOpenRuns, 'run'>;
  readonly repositories: Pick<RepositoryStore, 'listDeleted'>;
  readonly queue: Pick<JobQueue, 'add'>;
}

/** The whole table: what is done when. Everything is done once at the start, too. */
export function schedules({
  queueDueSyncs,
  requeueOpenRuns,
  repositories,
  queue,
}: ScheduledParts): readonly Schedule[] {
  const add = (job: JobDefinition<undefined>) => queue.add(job, undefined, { dedupeKey: job.name });
  return [
    { name: 'queue due syncs', everyMs: 15 * SECOND, run: () => queueDueSyncs.run() },
    { name: 'requeue open runs', everyMs: 30 * SECOND, run: () => requeueOpenRuns.run() },
    {
      name: 'remove deleted repositories',
      everyMs: MINUTE,
      run: async () => (await repositories.listDeleted()).length > 0 && add(removeDeletedRepositoriesJob),
    },
    { name: 'prune snapshots', everyMs: HOUR, run: () => add(pruneSnapshotsJob) },
    { name: 'collect garbage', everyMs: 6 * HOUR, run: () => add(collectGarbageJob) },
    { name: 'sweep runs', everyMs: 6 * HOUR, run: () => add(sweepRunsJob) },
  ];
}
