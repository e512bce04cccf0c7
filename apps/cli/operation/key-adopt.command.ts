import { Inject } from '@nestjs/common';
import { Command, InquirerService, Option, Question, QuestionSet } from 'nest-commander';

import { ListSystems } from '#libs/entitlement/systems/list-systems.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { shellWord } from '../shell-word.js';

@QuestionSet({ name: 'adopt-key' })
class AdoptKeyQuestions {
  @Question({
    name: 'goOn',
    type: 'confirm',
    default: false,
    message:
      'Every registered secret was made with another APP_KEY, and no system is known with this one. Go on with it?',
  })
  goOn(answer: boolean): boolean {
    return answer;
  }
}

@Command(described('key:adopt'))
export class KeyAdoptCommand extends ParcelerCommand {
  static readonly providers = [AdoptKeyQuestions];

  @Inject(InquirerService) private readonly inquirer!: InquirerService;

  async run(_: string[], { yes = false }: { yes?: boolean }): Promise<void> {
    const check = await this.use(AppKeyCheck);
    if (!(await check.isOther())) {
      this.terminal.say('There is nothing to adopt: the database was used with this APP_KEY, or with none yet.');
      return;
    }
    if (!yes) await this.confirm();
    await check.adopt((await this.use(CLOCK)).now(), operator());
    this.terminal.say('The database goes on with this APP_KEY. Restart what still runs with another one.');
    await this.listUnknown();
  }

  @Option({ flags: '--yes', description: 'do not ask' })
  yes(): boolean {
    return true;
  }

  private async confirm(): Promise<void> {
    const { goOn } = this.terminal.isInteractive
      ? await this.inquirer.ask<{ goOn?: boolean }>('adopt-key', {})
      : { goOn: false };
    if (goOn) return;
    throw new AppError('invalid', 'NOT_CONFIRMED', 'The database stays with the APP_KEY that it was used with.', {
      hint: 'With this one no registered secret is known any more. Say --yes when the old one is lost.',
    });
  }

  private async listUnknown(): Promise<void> {
    const systems = (await (await this.use(ListSystems)).run()).filter(({ state }) => state === 'key-changed');
    if (systems.length > 0) this.terminal.say('These systems get no answer until they have a new secret:');
    for (const { id, edition } of systems) {
      this.terminal.say(`system:add ${shellWord(id)} --edition ${edition} --replace`);
    }
  }
}
