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
    if (CHANGE_WHAT_IS_SERVED.some((field) => changes[field] !== undefined))
      await sayServedNow(repository, this.context);
  }
}

/** At once; what the others change comes with the next sync. */
const CHANGE_WHAT_IS_SERVED = ['delay', 'holdBack', 'editions'] as const;

/** `--source-folder` of `sourceFolder`. */
const optionOf = (field: string): string => `--${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
