import { Command, Option } from 'nest-commander';

import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { RollBack } from '#libs/releases/roll-back.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { sayServedNow } from '../served-now.js';

interface Options {
  readonly reason?: string;
}

@Command({
  ...described('repository:rollback'),
  arguments: '<name> [snapshot]',
  argsDescription: { snapshot: 'the snapshot to go back to; what was served before when not given' },
})
export class RepositoryRollbackCommand extends ParcelerCommand {
  async run([name = '', snapshot]: string[], { reason }: Options): Promise<void> {
    const repository = repositoryName(name);
    const rollBack = await this.use(RollBack);
    const wanted = snapshot === undefined ? undefined : snapshotId(snapshot);
    const { from, to } = await rollBack.run({ repository, snapshot: wanted, act: operator(reason) });
    const whence = from === undefined ? '' : `, back from ${from}`;
    this.terminal.say(`${name} is frozen to ${to}${whence}, until repository:unfreeze ${name}.`);
    await sayServedNow(repository, this.context);
  }

  @Option({ flags: '--reason <text>', description: 'why; it stands beside the freeze and in the audit log' })
  reason(text: string): string {
    return text;
  }
}
