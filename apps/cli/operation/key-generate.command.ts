import { randomBytes } from 'node:crypto';

import { Command } from 'nest-commander';

import { described, ParcelerCommand } from '../parceler-command.js';

@Command(described('key:generate'))
export class KeyGenerateCommand extends ParcelerCommand {
  run(): Promise<void> {
    this.terminal.say(`APP_KEY=${randomBytes(32).toString('base64')}`);
    return Promise.resolve();
  }
}
