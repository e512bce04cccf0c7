import { Command } from 'nest-commander';

import { QueueDueSyncs } from '#libs/syncing/schedule/queue-due-syncs.js';

import { warnOfMaintenance } from '../maintenance/warn-of-maintenance.js';
import { described, ParcelerCommand } from '../parceler-command.js';

@Command(described('schedule:run'))
export class ScheduleRunCommand extends ParcelerCommand {
  async run(): Promise<void> {
    const runs = await (await this.use(QueueDueSyncs)).run();
    for (const { id, repository } of runs) this.terminal.say(`${repository}: queued as run ${String(id)}`);
    if (runs.length === 0) this.terminal.say('Nothing is due.');
    await warnOfMaintenance(this.context);
  }
}
