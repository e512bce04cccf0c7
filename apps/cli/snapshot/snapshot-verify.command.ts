import { Command } from 'nest-commander';

import { counted } from '#libs/kernel/counted.js';
import { repositoryName, snapshotId, type RepositoryName } from '#libs/kernel/ids.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';
import { VerifySnapshot, type Verification } from '#libs/snapshots/damage/verify-snapshot.js';

import { EXIT_FAILED_OUTCOME } from '../exit-codes.js';
import { interruptible } from '../interruption.js';
import { described, operator, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { sayServedNow } from '../served-now.js';
import { verificationLines, verificationView } from './verification-view.js';

@Command({ ...described('snapshot:verify'), arguments: '<repository> <snapshot>' })
export class SnapshotVerifyCommand extends ShowingCommand {
  async run([name = '', id = '']: string[], { json = false }: JsonOption): Promise<void> {
    const [repository, snapshot] = [repositoryName(name), snapshotId(id)];
    const bytes = (await (await this.use(SNAPSHOT_STORE)).find(repository, snapshot))?.bytes ?? 0;
    const verifySnapshot = await this.use(VerifySnapshot);
    const verification = await this.terminal.withProgress(bytes, (done) =>
      interruptible((signal) =>
        verifySnapshot.run({
          repository,
          snapshot,
          act: operator(),
          signal,
          onProgress: (read) => {
            done(read.bytes, counted(read.files, 'file'));
          },
        }),
      ),
    );
    if (json) this.terminal.json(verificationView(verification));
    else await this.tell(repository, verification);
    if (!verification.sound) this.context.exitCode = EXIT_FAILED_OUTCOME;
  }

  private async tell(repository: RepositoryName, verification: Verification): Promise<void> {
    for (const line of verificationLines(repository, verification)) this.terminal.say(line);
    const { movedTo, alsoMarked } = verification;
    if (movedTo !== undefined || alsoMarked.length > 0) await sayServedNow(repository, this.context);
  }
}
