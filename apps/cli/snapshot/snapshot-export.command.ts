import { resolve } from 'node:path';

import { Command } from 'nest-commander';

import { counted } from '#libs/kernel/counted.js';
import { AppError } from '#libs/kernel/errors.js';
import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { ExportSnapshot } from '#libs/snapshots/export/export-snapshot.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';

import { interruptible } from '../interruption.js';
import { described, ParcelerCommand } from '../parceler-command.js';
import { bytesText } from '../views.js';

@Command({
  ...described('snapshot:export'),
  arguments: '<repository> <snapshot> <directory>',
  argsDescription: { directory: 'new or empty' },
})
export class SnapshotExportCommand extends ParcelerCommand {
  async run([name = '', id = '', directory = '']: string[]): Promise<void> {
    // resolve('') is the current folder, and an empty word most often a variable that was never set.
    if (directory === '')
      throw new AppError('invalid', 'USAGE', 'The folder to export to has no name.', {
        hint: 'Name a new or empty folder.',
      });
    const [repository, snapshot, target] = [repositoryName(name), snapshotId(id), resolve(directory)];
    const total = (await (await this.use(SNAPSHOT_STORE)).find(repository, snapshot))?.bytes ?? 0;
    const exportSnapshot = await this.use(ExportSnapshot);
    const { files, bytes } = await this.terminal.withProgress(total, (done) =>
      interruptible((signal) =>
        exportSnapshot.run({
          repository,
          snapshot,
          directory: target,
          signal,
          onProgress: (written) => {
            done(written.bytes, counted(written.files, 'file'));
          },
        }),
      ),
    );
    this.terminal.say(`Exported ${counted(files, 'file')}, ${bytesText(bytes)}, to ${target}.`);
  }
}
