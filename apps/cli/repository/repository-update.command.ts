import { Command } from 'nest-commander';

import { repositoryName } from '#libs/kernel/ids.js';
import { UpdateRepository } from '#libs/repositories/update-repository.js';

import { described, operator } from '../parceler-command.js';
import { sayServedNow } from '../served-now.js';
import { SettingsCommand, type SettingsOptions } from './settings-command.js';

@Command({ ...described('repository:update'), arguments: '<name>' })
export class RepositoryUpdateCommand extends SettingsCommand {
  async run([name = '']: string[], changes: SettingsOptions): Promise<void> {
    const repository = repositoryName(name);
    await (await this.use(UpdateRepository)).run(repository, changes, operator());
    this.terminal.say(`Changed ${name}: ${Object.keys(changes).map(optionOf).join(', ')}.`);
    this.warnOfSecrets(changes.command);
    await sayServedNow(repository, this.context);
  }
}

/** `--source-folder` of `sourceFolder`. */
const optionOf = (field: string): string => `--${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
