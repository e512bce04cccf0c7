import { resolve } from 'node:path';

import { Command, Option } from 'nest-commander';

import { RestoreBackup, type Restored } from '#libs/backups/restore-backup.js';
import { counted } from '#libs/kernel/counted.js';
import { AppError } from '#libs/kernel/errors.js';

import { EXIT_FAILED_OUTCOME } from '../exit-codes.js';
import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { instantText } from '../views.js';

interface Options {
  readonly force?: boolean;
}

@Command({ ...described('restore'), arguments: '<directory>', argsDescription: { directory: 'what backup wrote' } })
export class RestoreCommand extends ParcelerCommand {
  async run([directory = '']: string[], { force = false }: Options): Promise<void> {
    if (directory === '') throw new AppError('invalid', 'USAGE', 'The folder to restore from has no name.');
    const restore = await this.use(RestoreBackup);
    const restored = await restore.run({ folder: resolve(directory), force, act: operator() });
    this.sayRestored(restored);
    if (!this.isWhole(restored)) this.context.exitCode = EXIT_FAILED_OUTCOME;
  }

  @Option({ flags: '--force', description: 'also when there are repositories or systems; their database is kept' })
  force(): boolean {
    return true;
  }
  private sayRestored({ facts, previous }: Restored): void {
    const { repositories = 0, snapshots = 0 } = facts.database.rows;
    const what = `${counted(repositories, 'repository', 'repositories')} and ${counted(snapshots, 'snapshot')}`;
    this.terminal.say(`Restored ${what} as of ${instantText(facts.madeAt)}.`);
    if (previous !== undefined) this.terminal.say(`What was there before is kept in ${previous}.`);
  }

  /** Says what is still missing. */
  private isWhole({ hasKey, incomplete }: Restored): boolean {
    if (!hasKey)
      this.terminal.warn('the backup was made with another APP_KEY: set that one before anything is started');
    for (const { repository, id } of incomplete) {
      this.terminal.warn(`content of snapshot ${id} of "${repository}" is not on the disk: put blobs back, or sync`);
    }
    return hasKey && incomplete.length === 0;
  }
}
