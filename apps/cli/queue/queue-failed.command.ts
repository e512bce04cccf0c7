import { Command } from 'nest-commander';

import { JOB_QUEUE, type JobView } from '#libs/jobs/job-queue.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';
import { instantText } from '../views.js';

@Command(described('queue:failed'))
export class QueueFailedCommand extends ShowingCommand {
  async run(_: string[], { json = false }: JsonOption): Promise<void> {
    const failed = (await (await this.use(JOB_QUEUE)).failed()).map(failedJobView);
    this.terminal.list(failed, COLUMNS, { json, empty: 'No failed jobs.' });
  }
}

const failedJobView = ({ id, name, data, attempt, error, finishedAt }: JobView) => ({
  id,
  name,
  data,
  attempts: attempt,
  error: error ?? null,
  failedAt: finishedAt ?? null,
});

const COLUMNS: Columns<ReturnType<typeof failedJobView>> = {
  JOB: ({ id }) => id,
  NAME: ({ name }) => name,
  DATA: ({ data }) => JSON.stringify(data),
  ATTEMPTS: ({ attempts }) => String(attempts),
  FAILED: ({ failedAt }) => instantText(failedAt),
  ERROR: ({ error }) => error ?? '',
};
