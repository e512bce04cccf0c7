import { resolve } from 'node:path';

import { Command } from 'nest-commander';

import { BackUp } from '#libs/backups/back-up.js';
import { counted } from '#libs/kernel/counted.js';
import { AppError } from '#libs/kernel/errors.js';

import { described, ParcelerCommand } from '../parceler-command.js';

@Command({ ...described('backup'), arguments: '<directory>', argsDescription: { directory: 'new or empty' } })
export class BackupCommand extends ParcelerCommand {
  async run([directory = '']: string[]): Promise<void> {
    if (directory === '') throw new AppError('invalid', 'USAGE', 'The folder to back up to has no name.');
    const folder = resolve(directory);
    const { facts, repositories, withoutManifest } = await (await this.use(BackUp)).run(folder);
    const { count } = facts.manifests;
    this.terminal.say(
      `Backed up ${counted(repositories, 'repository', 'repositories')} and ${counted(count, 'snapshot')} to ${folder}, and read them again.`,
    );
    this.terminal.say(
      'Content is not among it: copy the folder blobs of the disk as well. Keep the backup as secret as APP_KEY.',
    );
    for (const { repository, id } of withoutManifest) {
      this.terminal.warn(`snapshot ${id} of "${repository}" has no sound manifest; the backup has none either`);
    }
  }
}
