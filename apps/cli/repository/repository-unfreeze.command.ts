import { Command } from 'nest-commander';

import { repositoryName } from '#libs/kernel/ids.js';
import { UnfreezeRepository } from '#libs/releases/unfreeze-repository.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { sayServedNow } from '../served-now.js';

@Command({ ...described('repository:unfreeze'), arguments: '<name>' })
export class RepositoryUnfreezeCommand extends ParcelerCommand {
  async run([name = '']: string[]): Promise<void> {
    const repository = repositoryName(name);
    await (await this.use(UnfreezeRepository)).run(repository, operator());
    this.terminal.say(`${name} is not frozen any more; time decides again what is served.`);
    await sayServedNow(repository, this.context);
  }
}
