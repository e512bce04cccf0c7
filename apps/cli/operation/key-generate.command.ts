import { randomBytes } from 'node:crypto';

import { Command, Option } from 'nest-commander';

import { described, ParcelerCommand } from '../parceler-command.js';

@Command(described('key:generate'))
export class KeyGenerateCommand extends ParcelerCommand {
  run(_: string[], { show = false }: { show?: boolean }): Promise<void> {
    this.terminal.say(`${show ? '' : 'APP_KEY='}${randomBytes(32).toString('base64')}`);
    return Promise.resolve();
  }

  @Option({ flags: '--show', description: 'only the key, without the name of the variable' })
  show(): boolean {
    return true;
  }
}
