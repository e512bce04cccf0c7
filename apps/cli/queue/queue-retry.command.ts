import { Command } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';
import { JOB_QUEUE, type JobQueue, type Retry } from '#libs/jobs/job-queue.js';

import { warnOfMaintenance } from '../maintenance/warn-of-maintenance.js';
import { described, ParcelerCommand } from '../parceler-command.js';

@Command({
  ...described('queue:retry'),
  arguments: '<jobs...>',
  argsDescription: { 'jobs...': 'ids from queue:failed, or "all"' },
})
export class QueueRetryCommand extends ParcelerCommand {
  async run(ids: string[]): Promise<void> {
    const queue = await this.use(JOB_QUEUE);
    if (ids.includes('all')) await this.retryAll(queue);
    else await this.retryNamed(queue, ids);
    await warnOfMaintenance(this.context);
  }

  private async retryAll(queue: JobQueue): Promise<void> {
    const failed = await queue.failed();
    if (failed.length === 0) {
      this.terminal.say('No failed jobs.');
      return;
    }
    const count: Record<Retry, number> = { retried: 0, joined: 0, 'not-found': 0 };
    for (const { id } of failed) count[await this.retry(queue, id)] += 1; // what is gone meanwhile, somebody else has seen to
    this.terminal.say(`Retried: ${String(count.retried)}. Left to a newer one: ${String(count.joined)}.`);
  }

  private async retryNamed(queue: JobQueue, ids: readonly string[]): Promise<void> {
    const missing: string[] = [];
    for (const id of ids) if ((await this.retry(queue, id)) === 'not-found') missing.push(id);
    if (missing.length > 0) throw noSuchJob(missing);
  }

  private async retry(queue: JobQueue, id: string): Promise<Retry> {
    const outcome = await queue.retry(id);
    if (outcome === 'retried') this.terminal.say(`Job ${id} waits again.`);
    if (outcome === 'joined') this.terminal.say(`Job ${id} stays as it is: a newer one does its work.`);
    return outcome;
  }
}

const noSuchJob = (ids: readonly string[]): AppError =>
  new AppError('not-found', 'JOB_NOT_FOUND', `There is no failed job "${printable(ids.join('", "'))}".`, {
    hint: 'queue:failed lists them.',
  });
