import { randomBytes } from 'node:crypto';

import { type Act } from '#libs/kernel/actor.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type UnreadIndex } from '#libs/snapshots/packages/package-catalog.js';
import { type NewSnapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotTaken, type TakeSnapshot, type TakeSnapshotRequest } from '#libs/snapshots/take-snapshot.js';

import { type Attempt } from './attempt-run.js';
import { type RunSyncCommand } from './run-sync-command.js';

/** What a run does about snapshots, all of it under the lease of the repository. */
export interface SnapshotSteps {
  /** Removes what an attempt that died has left, or brings it to its end. */
  readonly recover: (attempt: Attempt, act: Act) => Promise<unknown>;
  /** The snapshot that an earlier attempt of the same run made before it died. */
  readonly madeBefore: (attempt: Attempt) => Promise<NewSnapshot | undefined>;
  readonly take: Pick<TakeSnapshot, 'run'>;
  /** The indexes of packages in a snapshot that cannot be read. */
  readonly unread: (snapshot: NewSnapshot) => Promise<readonly UnreadIndex[]>;
  readonly prune: (attempt: Attempt, act: Act) => Promise<unknown>;
}

/** Brings a repository up to date with upstream, and keeps what it has now as a snapshot: what all runs have in common. */
export class SyncAndSnapshot {
  constructor(
    private readonly command: Pick<RunSyncCommand, 'run'>,
    private readonly snapshots: SnapshotSteps,
    private readonly log: Log,
  ) {}

  /** @param together what becomes true in the transaction that makes the snapshot visible */
  async run(attempt: Attempt, together?: TakeSnapshotRequest['together']): Promise<SnapshotTaken> {
    const act = actOf(attempt);
    await this.snapshots.recover(attempt, act);
    const made = await this.snapshots.madeBefore(attempt);
    if (made !== undefined) return { snapshot: made, changes: made.changes };
    await attempt.step('syncing');
    await this.command.run(attempt.repository, attempt.log, attempt.signal);
    await attempt.step('taking snapshot');
    const taken = await this.snapshots.take.run({ ...snapshotRequest(attempt, act), together });
    await this.tellUnread(taken.snapshot, attempt);
    return taken;
  }

  /** The run has reached its aim; what is left over is pruned after the next one, or by the schedule. */
  async prune(attempt: Attempt): Promise<void> {
    await attempt.step('pruning');
    await this.snapshots.prune(attempt, actOf(attempt)).catch((error: unknown) => {
      this.log.warn('pruning failed', { repository: attempt.repository.name, error: messageOf(error) });
    });
  }

  /** The snapshot is there all the same; the run's log is where somebody looks. */
  private async tellUnread(snapshot: NewSnapshot, { log }: Attempt): Promise<void> {
    for (const { reason } of await this.snapshots.unread(snapshot)) {
      log.note(`warning: ${reason}; repository:find and repository:diff do not know its packages`);
    }
  }
}

/** What a run does is done by the worker that attempts it. */
export const actOf = ({ run, worker }: Pick<Attempt, 'run' | 'worker'>): Act => ({
  actor: worker,
  reason: `run ${String(run.id)}`,
});

const snapshotRequest = ({ run, repository, fence, signal }: Attempt, act: Act): TakeSnapshotRequest => ({
  repository: published(repository),
  // Run numbers begin anew with a new database, the disk does not.
  attempt: `run-${String(run.id)}-${String(run.attempt)}-${randomBytes(4).toString('hex')}`,
  run: run.id,
  fence,
  act,
  signal,
});

const published = ({ name, sourceFolder }: Repository): TakeSnapshotRequest['repository'] => ({ name, sourceFolder });
