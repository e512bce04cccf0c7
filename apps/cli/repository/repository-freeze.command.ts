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
    const { snapshot, adopted } = await freezeRepository.run({ repository, target, until, act: operator(reason) });
    if (adopted !== undefined) this.sayAdopted(name, snapshot.id, adopted);
    const end = until === undefined ? '' : ` until ${instantText(until)}`;
    this.terminal.say(`${name} is frozen to ${snapshot.id}${end}.`);
    await sayServedNow(repository, this.context);
  }

  private sayAdopted(name: string, snapshot: string, directory: string): void {
    const folder = `snapshots/${name}/${directory}`;
    const fate =
      directory === snapshot
        ? "The folder is the snapshot's own now, and is removed with it."
        : 'The folder stays as it is; nothing needs it any more.';
    this.terminal.say(`Made snapshot ${snapshot} of the folder ${folder}. ${fate}`);
    this.terminal.say(
      `After repository:unfreeze it counts like any other, as the last that was made: if it is not to be served again, snapshot:delete ${name} ${snapshot}.`,
    );
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
