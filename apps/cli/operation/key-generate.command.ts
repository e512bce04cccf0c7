import { Command, Option } from 'nest-commander';

import { generateAppKey } from '#libs/config/app-key.js';

import { described, ParcelerCommand } from '../parceler-command.js';

@Command(described('key:generate'))
export class KeyGenerateCommand extends ParcelerCommand {
  run(_: string[], { show = false }: { show?: boolean }): Promise<void> {
    this.terminal.say(`${show ? '' : 'APP_KEY='}${generateAppKey()}`);
    return Promise.resolve();
  }

  @Option({ flags: '--show', description: 'only the key, without the name of the variable' })
  show(): boolean {
    return true;
  }
}
