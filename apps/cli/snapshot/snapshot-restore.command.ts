import { Command, Option } from 'nest-commander';

import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { RestoreSnapshot } from '#libs/snapshots/restore-snapshot.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { sayServedNow } from '../served-now.js';

interface Options {
  readonly reason?: string;
}

@Command({ ...described('snapshot:restore'), arguments: '<repository> <snapshot>' })
export class SnapshotRestoreCommand extends ParcelerCommand {
  async run([name = '', id = '']: string[], { reason }: Options): Promise<void> {
    const repository = repositoryName(name);
    const restoreSnapshot = await this.use(RestoreSnapshot);
    const restored = await restoreSnapshot.run({ repository, snapshot: snapshotId(id), act: operator(reason) });
    this.terminal.say(`Restored ${restored.id} of ${name}: it counts like any other again.`);
    await sayServedNow(repository, this.context);
  }

  @Option({ flags: '--reason <text>', description: 'why, for the audit log' })
  reason(text: string): string {
    return text;
  }
}
