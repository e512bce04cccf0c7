import { Command, Option } from 'nest-commander';

import { repositoryName } from '#libs/kernel/ids.js';
import { FreezeRepository } from '#libs/releases/freeze-repository.js';

import { instant } from '../instant-option.js';
import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { instantText } from '../views.js';
import { sayServedNow } from '../served-now.js';

interface Options {
  readonly reason?: string;
  readonly until?: Date;
}

@Command({
  ...described('repository:freeze'),
  arguments: '<name> [snapshot]',
  argsDescription: { snapshot: 'a snapshot, or a folder below snapshots/<name>; what is served now when not given' },
})
export class RepositoryFreezeCommand extends ParcelerCommand {
  async run([name = '', target]: string[], { reason, until }: Options): Promise<void> {
    const repository = repositoryName(name);
    const freezeRepository = await this.use(FreezeRepository);
    const { snapshot } = await freezeRepository.run({ repository, target, until, act: operator(reason) });
    const end = until === undefined ? '' : ` until ${instantText(until)}`;
    this.terminal.say(`${name} is frozen to ${snapshot.id}${end}.`);
    await sayServedNow(repository, this.context);
  }

  @Option({ flags: '--reason <text>', description: 'why, for those who wonder later' })
  reason(text: string): string {
    return text;
  }

  @Option({ flags: '--until <time>', description: 'when the freeze ends by itself' })
  until(text: string): Date {
    return instant(text);
  }
}
