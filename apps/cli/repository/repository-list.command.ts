import { Command } from 'nest-commander';

import { CLOCK } from '#libs/kernel/clock.js';
import { DescribeRepositories } from '#libs/releases/describe-repositories.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';
import { ageText, repositoryView, type RepositoryView } from '../views.js';

@Command(described('repository:list'))
export class RepositoryListCommand extends ShowingCommand {
  async run(_: string[], { json = false }: JsonOption): Promise<void> {
    const now = (await this.use(CLOCK)).now();
    const descriptions = await (await this.use(DescribeRepositories)).run();
    const views = descriptions.map((description) => repositoryView(description, now));
    this.terminal.list(views, columnsAt(now), { json, empty: 'No repositories yet: repository:create makes one.' });
  }
}

const columnsAt = (now: Date): Columns<RepositoryView> => ({
  NAME: ({ name }) => name,
  DELAY: ({ delay }) => `${String(delay)} d`,
  FROZEN: ({ frozen }) => frozen?.snapshot ?? '',
  SERVED: ({ served }) => served?.snapshot ?? 'nothing yet',
  WHY: ({ served }) => (served ? `${served.reason}${served.stale ? ', stale' : ''}` : ''),
  AGE: ({ served }) => ageText(served?.takenAt ?? null, now),
  'LAST SYNC': ({ lastRun }) => lastRunText(lastRun, now),
});

/** `2h ago`, or `failed 5m ago: SYNC_FAILED`. */
function lastRunText(run: RepositoryView['lastRun'], now: Date): string {
  if (run === null) return 'never';
  const ago = `${ageText(run.finishedAt, now)} ago`;
  return run.state === 'succeeded' ? ago : `${run.state} ${ago}: ${run.errorCode ?? ''}`;
}
