import { Inject } from '@nestjs/common';
import { Command, InquirerService, Option } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';
import { counted } from '#libs/kernel/counted.js';
import { freeName } from '#libs/repositories/free-name.js';
import { RegisterRepository } from '#libs/repositories/register-repository.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { RequestRun } from '#libs/syncing/request-run.js';

import { warnOfMaintenance } from '../maintenance/warn-of-maintenance.js';
import { described, operator } from '../parceler-command.js';
import { RepositoryQuestions } from './repository-questions.js';
import { SettingsCommand, type SettingsOptions } from './settings-command.js';

interface Options extends SettingsOptions {
  name?: string;
  sync?: boolean;
}

@Command(described('repository:create'))
export class RepositoryCreateCommand extends SettingsCommand {
  static readonly providers = [RepositoryQuestions];

  @Inject(InquirerService) private readonly inquirer!: InquirerService;

  async run(_: string[], options: Options): Promise<void> {
    const { name, command, sync = true, ...settings } = await this.complete(options);
    if (name === undefined || command === undefined) throw notSaid();
    const repository = await (await this.use(RegisterRepository)).run({ ...settings, name, command }, operator());
    this.terminal.say(`Registered ${repository.name}; ${holdBackText(repository.delay)}.`);
    this.warnOfSecrets(command);
    if (!sync) return;
    const { run } = await (await this.use(RequestRun)).run(repository.name, operator());
    const id = String(run.id);
    this.terminal.say(`Its first sync is run ${id}, for parceler serve or queue:work: parceler run:log ${id} --follow`);
    await warnOfMaintenance(this.context);
  }

  @Option({ flags: '--name <name>', description: 'lower-case letters, digits, dashes and underscores' })
  name(text: string): string {
    return text;
  }

  @Option({ flags: '--no-sync', description: 'do not sync at once' })
  noSync(): boolean {
    return false;
  }

  /** With name and command given nothing is asked, terminal or not. */
  private async complete(options: Options): Promise<Options> {
    const complete = options.name !== undefined && options.command !== undefined;
    if (complete || !this.terminal.isInteractive) return options;
    if (options.name !== undefined) await freeName(await this.use(REPOSITORY_STORE), options.name);
    const { sync, ...given } = options; // true is only what the parser assumes without --no-sync
    return this.inquirer.ask<Options>('repository', sync === false ? options : given);
  }
}

const holdBackText = (delay: number): string =>
  delay === 0 ? 'it serves new packages at once' : `it holds new packages back for ${counted(delay, 'day')}`;

const notSaid = (): AppError =>
  new AppError('invalid', 'USAGE', 'A repository needs --name and --command.', {
    hint: 'On a terminal repository:create asks for them.',
  });
