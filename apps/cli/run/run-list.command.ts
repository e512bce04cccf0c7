import { Command, Option } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

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
    const name = repository === undefined ? undefined : await this.known(repository);
    const runs = await (await this.use(RUN_STORE)).list({ limit, ...(name !== undefined && { repository: name }) });
    const now = (await this.use(CLOCK)).now();
    const views = runs.map((run) => runView(run, now));
    this.terminal.list(views, COLUMNS, { json, empty: 'No runs yet: repository:sync makes one.' });
  }

  private async known(name: string): Promise<RepositoryName> {
    return (await getRepository(await this.use(REPOSITORY_STORE), repositoryName(name))).name;
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
