import { type AttemptRun } from './attempt-run.js';
import { type SyncAndSnapshot } from './sync-and-snapshot.js';

/** Brings a repository up to date with upstream, keeps what it has now as a snapshot, and removes old snapshots. */
export class SyncRepository {
  constructor(
    private readonly attemptRun: AttemptRun,
    private readonly syncAndSnapshot: SyncAndSnapshot,
  ) {}

  /** @throws JobNotReady when the run has to be attempted again later */
  async run(run: number, signal: AbortSignal): Promise<void> {
    await this.attemptRun.run(run, signal, async (attempt) => {
      const taken = await this.syncAndSnapshot.run(attempt);
      await this.syncAndSnapshot.prune(attempt);
      return taken;
    });
  }
}
