import { Command } from 'nest-commander';

import { counted } from '#libs/kernel/counted.js';
import { repositoryName, snapshotId, type RepositoryName } from '#libs/kernel/ids.js';
import { SNAPSHOT_STORE, type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { VerifySnapshot, type Verification } from '#libs/snapshots/damage/verify-snapshot.js';

import { EXIT_FAILED_OUTCOME } from '../exit-codes.js';
import { interruptible } from '../interruption.js';
import { described, operator, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { sayServedNow } from '../served-now.js';
import { bytesText } from '../views.js';

@Command({ ...described('snapshot:verify'), arguments: '<repository> <snapshot>' })
export class SnapshotVerifyCommand extends ShowingCommand {
  async run([name = '', id = '']: string[], { json = false }: JsonOption): Promise<void> {
    const [repository, snapshot] = [repositoryName(name), snapshotId(id)];
    const bytes = (await (await this.use<SnapshotStore>(SNAPSHOT_STORE)).find(repository, snapshot))?.bytes ?? 0;
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
    if (json) this.terminal.json(verification);
    else await this.tell(repository, verification);
    if (!verification.sound) this.context.exitCode = EXIT_FAILED_OUTCOME;
  }

  private async tell(
    repository: RepositoryName,
    { snapshot, files, bytes, manifestSound, problems, sound, movedTo }: Verification,
  ): Promise<void> {
    for (const { path, state, repaired } of problems)
      this.terminal.say(`${state}${repaired ? ', repaired' : ''}: ${path}`);
    if (!manifestSound) this.terminal.say('The manifest is missing, or not the one that was published.');
    const verdict = sound ? 'is sound' : 'is damaged';
    this.terminal.say(`Snapshot ${snapshot} ${verdict}: ${counted(files, 'file')}, ${bytesText(bytes)}.`);
    if (movedTo !== undefined) {
      this.terminal.say(`It is ${movedTo} now.`);
      await sayServedNow(repository, this.context);
    } else if (!sound) this.terminal.say('Its state stays as it was: repository:snapshots shows it.');
  }
}
