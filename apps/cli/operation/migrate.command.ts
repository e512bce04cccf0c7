import { Command } from 'nest-commander';

import { DATABASE } from '#libs/persistence/database.js';

import { described, ParcelerCommand } from '../parceler-command.js';

@Command(described('migrate'))
export class MigrateCommand extends ParcelerCommand {
  async run(): Promise<void> {
    const { migrated } = await this.use(DATABASE); // opening it brings it up to date
    for (const name of migrated) this.terminal.say(`migrated: ${name}`);
    this.terminal.say('The database schema is up to date.');
  }
}
