import { Command } from 'nest-commander';

import { CLOCK } from '#libs/kernel/clock.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { nextSync, SYNC_TIMES } from '#libs/syncing/schedule/due-syncs.js';

import { warnOfMaintenance } from '../maintenance/warn-of-maintenance.js';
import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';
import { instantText } from '../views.js';

@Command(described('schedule:list'))
export class ScheduleListCommand extends ShowingCommand {
  async run(_: string[], { json = false }: JsonOption): Promise<void> {
    const times = await this.use(SYNC_TIMES);
    const now = (await this.use(CLOCK)).now();
    const repositories = await (await this.use(REPOSITORY_STORE)).list();
    const rows: readonly ScheduleRow[] = repositories.map((repository) => ({
      repository: repository.name,
      schedule: repository.schedule ?? times.schedule,
      timezone: times.timezone,
      next: nextSync(repository, times, now) ?? null,
    }));
    this.terminal.list(rows, COLUMNS, { json, empty: 'No repositories yet: repository:create makes one.' });
    await warnOfMaintenance(this.context);
  }
}

interface ScheduleRow extends Readonly<Record<string, unknown>> {
  readonly repository: string;
  readonly schedule: string;
  readonly timezone: string;
  readonly next: Date | null;
}

const COLUMNS: Columns<ScheduleRow> = {
  REPOSITORY: ({ repository }) => repository,
  SCHEDULE: ({ schedule }) => schedule,
  ZONE: ({ timezone }) => timezone,
  'NEXT SYNC': ({ next }) => instantText(next) || 'never',
};
