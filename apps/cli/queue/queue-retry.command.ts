import { Command } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';
import { JOB_QUEUE, type JobQueue } from '#libs/jobs/job-queue.js';

import { described, ParcelerCommand } from '../parceler-command.js';

@Command({
  ...described('queue:retry'),
  arguments: '<jobs...>',
  argsDescription: { 'jobs...': 'ids from queue:failed, or "all"' },
})
export class QueueRetryCommand extends ParcelerCommand {
  async run(ids: string[]): Promise<void> {
    const queue = await this.use<JobQueue>(JOB_QUEUE);
    const wanted = ids.includes('all') ? (await queue.failed()).map(({ id }) => id) : ids;
    if (wanted.length === 0) this.terminal.say('No failed jobs.');
    for (const id of wanted) {
      if (!(await queue.retry(id))) throw noSuchJob(id);
      this.terminal.say(`Job ${id} waits again.`);
    }
  }
}

const noSuchJob = (id: string): AppError =>
  new AppError('not-found', 'JOB_NOT_FOUND', `There is no failed job "${printable(id)}".`, {
    hint: 'queue:failed lists them.',
  });
