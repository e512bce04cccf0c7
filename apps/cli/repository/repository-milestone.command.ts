import { Command, Option } from 'nest-commander';

import { repositoryName } from '#libs/kernel/ids.js';
import { RequestMilestone } from '#libs/releases/request-milestone.js';
import { FollowRun } from '#libs/syncing/runs/follow-run.js';

import { interruptible } from '../interruption.js';
import { warnOfMaintenance } from '../maintenance/warn-of-maintenance.js';
import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { watchRun } from '../run/watch-run.js';
import { sayServedNow } from '../served-now.js';

interface Options {
  readonly wait?: boolean;
  readonly purge?: boolean;
  readonly unfreeze?: boolean;
  readonly reason?: string;
}

@Command({ ...described('repository:milestone'), arguments: '<name>' })
export class RepositoryMilestoneCommand extends ParcelerCommand {
  async run([name = '']: string[], { wait = false, purge = false, unfreeze = false, reason }: Options): Promise<void> {
    const repository = repositoryName(name);
    const requestMilestone = await this.use(RequestMilestone);
    const { run, joined } = await requestMilestone.run({ repository, purge, unfreeze, act: operator(reason) });
    this.terminal.say(`${name}: ${joined ? 'joined the open run' : 'queued as run'} ${String(run.id)}`);
    if (!wait) {
      await warnOfMaintenance(this.context);
      return;
    }
    const followRun = await this.use(FollowRun);
    await interruptible((signal) => watchRun(followRun, run.id, { log: false, steps: true, signal }, this.context));
    await sayServedNow(repository, this.context);
  }

  @Option({ flags: '--wait', description: 'show what happens, and end as the run ends' })
  wait(): boolean {
    return true;
  }

  @Option({ flags: '--purge', description: 'remove the superseded snapshots at once; no rollback brings them back' })
  purge(): boolean {
    return true;
  }

  @Option({ flags: '--unfreeze', description: 'end the freeze that there is, together with the release' })
  unfreeze(): boolean {
    return true;
  }

  @Option({ flags: '--reason <text>', description: 'why, for the audit log' })
  reason(text: string): string {
    return text;
  }
}
