import { Command, Option } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { RUN_STORE, type RunStore } from '#libs/syncing/runs/run-store.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';
import { durationText, instantText, runView, type RunView } from '../views.js';

const USUAL_LIMIT = 20;

@Command({ ...described('run:list'), arguments: '[repository]' })
export class RunListCommand extends ShowingCommand {
  async run(
    [repository]: string[],
    { json = false, limit = USUAL_LIMIT }: JsonOption & { limit?: number },
  ): Promise<void> {
    const runs = await this.use<RunStore>(RUN_STORE);
    const query = repository === undefined ? { limit } : { limit, repository: repositoryName(repository) };
    const now = (await this.use<Clock>(CLOCK)).now();
    const views = (await runs.list(query)).map((run) => runView(run, now));
    this.terminal.list(views, COLUMNS, { json, empty: 'No runs yet: repository:sync makes one.' });
  }

  @Option({ flags: '--limit <n>', description: `how many at the most, newest first (${String(USUAL_LIMIT)})` })
  limit(text: string): number {
    const limit = Number(text);
    if (Number.isInteger(limit) && limit > 0 && limit <= 1000) return limit;
    throw new AppError('invalid', 'USAGE', '--limit takes a whole number from 1 to 1000.');
  }
}

const COLUMNS: Columns<RunView> = {
  RUN: ({ id }) => String(id),
  KIND: ({ kind }) => kind,
  REPOSITORY: ({ repository }) => repository,
  STATE: ({ state, step }) => (state === 'running' && step !== null ? `running: ${step}` : state),
  ASKED: ({ requestedAt }) => instantText(requestedAt),
  ATTEMPTS: ({ attempt }) => String(attempt),
  TOOK: ({ durationSeconds }) => durationText(durationSeconds),
  BY: ({ requestedBy }) => requestedBy,
  SNAPSHOT: ({ snapshot }) => snapshot ?? '',
  OUTCOME: ({ error, changes }) =>
    error ?? (changes ? `+${String(changes.added)} ~${String(changes.changed)} -${String(changes.removed)}` : ''),
};
