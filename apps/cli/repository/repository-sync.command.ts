import { Command, Option } from 'nest-commander';

import { AppError, isAppError } from '#libs/kernel/errors.js';
import { repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { FollowRun } from '#libs/syncing/runs/follow-run.js';
import { RequestRun, type RequestedRun } from '#libs/syncing/request-run.js';

import { exitCodeOf } from '../exit-codes.js';
import { interruptible } from '../interruption.js';
import { warnOfMaintenance } from '../maintenance/warn-of-maintenance.js';
import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { watchRun } from '../run/watch-run.js';

interface Options {
  readonly all?: boolean;
  readonly wait?: boolean;
}

@Command({ ...described('repository:sync'), arguments: '[names...]' })
export class RepositorySyncCommand extends ParcelerCommand {
  async run(names: string[], { all = false, wait = false }: Options): Promise<void> {
    if (all === names.length > 0) throw unclear(all);
    const wanted = all ? await this.everyName() : names.map(repositoryName);
    const requested = await this.request(new Set(wanted));
    if (wait) await this.watch(requested);
    else await warnOfMaintenance(this.context);
  }

  @Option({ flags: '--all', description: 'every repository' })
  all(): boolean {
    return true;
  }

  @Option({ flags: '--wait', description: 'show what happens, and end as the runs end' })
  wait(): boolean {
    return true;
  }

  private async everyName(): Promise<readonly RepositoryName[]> {
    const repositories = await (await this.use(REPOSITORY_STORE)).list();
    if (repositories.length === 0) this.terminal.say('No repositories yet: repository:create makes one.');
    return repositories.map(({ name }) => name);
  }

  /** An unknown name is warned about and told by the exit status; the others go on. */
  private async request(names: ReadonlySet<RepositoryName>): Promise<readonly RequestedRun[]> {
    const requestRun = await this.use(RequestRun);
    const requested: RequestedRun[] = [];
    for (const name of names) {
      try {
        const asked = await requestRun.run(name, operator());
        requested.push(asked);
        this.terminal.say(`${name}: ${asked.joined ? 'joined the open run' : 'queued as run'} ${String(asked.run.id)}`);
      } catch (error) {
        if (!isAppError(error, 'REPOSITORY_NOT_FOUND')) throw error;
        this.terminal.warn(`${error.message} ${error.hint ?? ''} (${error.code})`);
        this.context.exitCode = exitCodeOf(error);
      }
    }
    return requested;
  }

  private async watch(requested: readonly RequestedRun[]): Promise<void> {
    const followRun = await this.use(FollowRun);
    await interruptible(async (signal) => {
      const options = { log: false, steps: true, signal };
      for (const { run } of requested) await watchRun(followRun, run.id, options, this.context);
    });
  }
}

const unclear = (all: boolean): AppError =>
  new AppError('invalid', 'USAGE', all ? 'Names do not go with --all.' : 'No repository is named.', {
    hint: 'Name some, or say --all.',
  });
