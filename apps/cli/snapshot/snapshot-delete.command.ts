import { Command, Option } from 'nest-commander';

import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { DeleteSnapshot } from '#libs/snapshots/removal/delete-snapshot.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { sayServedNow } from '../served-now.js';

interface Options {
  readonly force?: boolean;
  readonly reason?: string;
}

@Command({ ...described('snapshot:delete'), arguments: '<repository> <snapshot>' })
export class SnapshotDeleteCommand extends ParcelerCommand {
  async run([name = '', id = '']: string[], { force = false, reason }: Options): Promise<void> {
    const repository = repositoryName(name);
    const deleteSnapshot = await this.use(DeleteSnapshot);
    const deleted = await deleteSnapshot.run({ repository, snapshot: snapshotId(id), force, act: operator(reason) });
    this.terminal.say(`Deleted ${deleted.id} of ${name}.`);
    await sayServedNow(repository, this.context);
  }

  @Option({ flags: '--force', description: 'also when it is the one served, or the last one' })
  force(): boolean {
    return true;
  }

  @Option({ flags: '--reason <text>', description: 'why, for the audit log' })
  reason(text: string): string {
    return text;
  }
}
