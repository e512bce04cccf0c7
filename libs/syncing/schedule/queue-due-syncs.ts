import { actor } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type JobQueue } from '#libs/jobs/job-queue.js';
import { type Log } from '#libs/observability/log.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';

import { dueSync, type SyncTimes } from './due-syncs.js';
import { enqueueRun } from '../jobs.js';
import { type Run } from '../runs/run.js';
import { type RunStore } from '../runs/run-store.js';

/** Adds the runs that have come due and are not there yet. Any number of schedulers may do so at once (trust T-48). */
export class QueueDueSyncs {
  /** What was found to be asked for already, so that looking again costs no transaction. */
  private readonly known = new Set<string>();

  constructor(
    private readonly repositories: RepositoryStore,
    private readonly runs: RunStore,
    private readonly queue: JobQueue,
    private readonly times: SyncTimes,
    private readonly surroundings: { readonly clock: Clock; readonly log: Log },
  ) {}

  /** The runs that were added. What goes wrong with one repository is logged and keeps no other one waiting. */
  async run(): Promise<readonly Run[]> {
    const added: Run[] = [];
    for (const repository of await this.repositories.list()) {
      try {
        const run = await this.request(repository);
        if (run === undefined) continue;
        added.push(run);
        await enqueueRun(this.queue, run);
      } catch (error) {
        // It stays due, or its run stays open: the next look tries again.
        this.surroundings.log.error('due sync not queued', { repository: repository.name, error: messageOf(error) });
      }
    }
    return added;
  }

  private async request(repository: Repository): Promise<Run | undefined> {
    const at = this.surroundings.clock.now();
    const due = dueSync(repository, this.times, at);
    if (due === undefined || this.known.has(due.dueKey)) return undefined;
    const { name } = repository;
    const act = { actor: actor('schedule') };
    const requested = await this.runs.request({ kind: 'sync', repository: name, at, act, dueKey: due.dueKey });
    if (requested?.joined === true) return undefined; // asked again until the key is used: by that run or by the next one
    this.remember(name, due.dueKey);
    return requested?.run;
  }

  private remember(name: string, dueKey: string): void {
    for (const key of this.known) if (key.startsWith(`schedule:${name}:`)) this.known.delete(key);
    this.known.add(dueKey);
  }
}
