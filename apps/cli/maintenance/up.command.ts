import { Command } from 'nest-commander';

import { CLOCK } from '#libs/kernel/clock.js';
import { EndMaintenance } from '#libs/maintenance/end-maintenance.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { ageText } from '../views.js';

@Command(described('up'))
export class UpCommand extends ParcelerCommand {
  async run(): Promise<void> {
    const ended = await (await this.use(EndMaintenance)).run(operator());
    if (ended === undefined) {
      this.terminal.say('Parceler was not down; nothing had to be done.');
      return;
    }
    const age = ageText(ended.since, (await this.use(CLOCK)).now());
    this.terminal.say(`Up again after ${age}: requests are served, schedules and workers go on.`);
  }
}
