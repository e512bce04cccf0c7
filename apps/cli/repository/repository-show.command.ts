import { Command } from 'nest-commander';

import { CLOCK } from '#libs/kernel/clock.js';
import { counted } from '#libs/kernel/counted.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { DescribeRepositories } from '#libs/releases/describe-repositories.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { ageText, instantText, repositoryView, servedText, type RepositoryView } from '../views.js';

@Command({ ...described('repository:show'), arguments: '<name>' })
export class RepositoryShowCommand extends ShowingCommand {
  async run([name = '']: string[], { json = false }: JsonOption): Promise<void> {
    const now = (await this.use(CLOCK)).now();
    for (const description of await (await this.use(DescribeRepositories)).run(repositoryName(name))) {
      const view = repositoryView(description, now);
      if (json) this.terminal.json(view);
      else this.terminal.facts(factsOf(view, now));
    }
  }
}

function factsOf(view: RepositoryView, now: Date): Readonly<Record<string, string>> {
  return {
    name: view.name,
    command: view.command,
    'source folder': view.sourceFolder ?? '(all of the source)',
    'hold-back': `${counted(view.delay, 'day')}, ${view.holdBack}`,
    schedule: view.schedule ?? '(SYNC_SCHEDULE)',
    editions: view.editions.join(', '),
    frozen: frozenText(view.frozen),
    served: view.served ? servedText(view.served) : 'nothing yet',
    age: ageText(view.served?.takenAt ?? null, now),
    'next change': instantText(view.nextChange) || '(none due)',
    'last good sync': instantText(view.lastSync) || 'never',
    'last run': view.lastRun ? lastRunText(view.lastRun) : 'none',
  };
}

function lastRunText({ id, state, finishedAt, error, errorCode }: NonNullable<RepositoryView['lastRun']>): string {
  const outcome = `${String(id)} ${state} at ${instantText(finishedAt)}`;
  return error === null ? outcome : `${outcome}: ${error} (${errorCode ?? ''})`;
}

const frozenText = (frozen: RepositoryView['frozen']): string =>
  frozen
    ? [frozen.snapshot, frozen.reason, frozen.until && `until ${instantText(frozen.until)}`].filter(Boolean).join(', ')
    : 'no';
