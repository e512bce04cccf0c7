import { randomBytes } from 'node:crypto';

import { type Act, type Actor } from '#libs/kernel/actor.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type TakeSnapshot, type TakeSnapshotRequest } from '#libs/snapshots/take-snapshot.js';

import { type Attempt, type AttemptRun } from './attempt-run.js';
import { type RunSyncCommand } from './run-sync-command.js';

/** What a sync does about snapshots, all of it under the lease of the repository. */
export interface SnapshotSteps {
  /** Removes what an attempt that died has left, or brings it to its end. */
  readonly recover: (attempt: Attempt, act: Act) => Promise<unknown>;
  readonly take: Pick<TakeSnapshot, 'run'>;
  readonly prune: (attempt: Attempt, act: Act) => Promise<unknown>;
}

/** Brings a repository up to date with upstream, keeps what it has now as a snapshot, and removes old snapshots. */
export class SyncRepository {
  constructor(
    private readonly attemptRun: AttemptRun,
    private readonly command: RunSyncCommand,
    private readonly snapshots: SnapshotSteps,
    private readonly worker: Actor,
    private readonly log: Log,
  ) {}

  /** @throws JobNotReady when the run has to be attempted again later */
  async run(run: number, signal: AbortSignal): Promise<void> {
    await this.attemptRun.run(run, signal, async (attempt) => {
      const act = { actor: this.worker, reason: `run ${String(run)}` };
      await this.snapshots.recover(attempt, act);
      await attempt.step('syncing');
      await this.command.run(attempt.repository, attempt.log, attempt.signal);
      await attempt.step('taking snapshot');
      const taken = await this.snapshots.take.run(snapshotRequest(attempt, act));
      await attempt.step('pruning');
      // The sync has reached its aim; what is left over is pruned after the next one, or by the schedule.
      await this.snapshots.prune(attempt, act).catch((error: unknown) => {
        this.log.warn('pruning failed', { repository: attempt.repository.name, error: messageOf(error) });
      });
      return taken;
    });
  }
}

const snapshotRequest = ({ run, repository, fence, signal }: Attempt, act: Act): TakeSnapshotRequest => ({
  repository: published(repository),
  // Run numbers begin anew with a new database, the disk does not.
  attempt: `run-${String(run.id)}-${String(run.attempt)}-${randomBytes(4).toString('hex')}`,
  fence,
  act,
  signal,
});

const published = ({ name, sourceFolder }: Repository): TakeSnapshotRequest['repository'] => ({ name, sourceFolder });
