import { Option } from 'nest-commander';

import { redactText } from '#libs/observability/redact-text.js';
import { type SettingsDraft } from '#libs/repositories/repository-settings.js';

import { ParcelerCommand } from '../parceler-command.js';

export type SettingsOptions = { -readonly [Field in keyof SettingsDraft]: SettingsDraft[Field] };

/** The options of `repository:create` and `repository:update`; the use cases check what they say. */
export abstract class SettingsCommand extends ParcelerCommand {
  @Option({
    flags: '--command <command>',
    name: 'command',
    description: 'the sync command, for /bin/sh; it fills $SOURCE_DIR',
  })
  syncCommand(text: string): string {
    return text;
  }

  @Option({
    flags: '--source-folder <folder>',
    description: 'publish only this folder of the source; empty: all of it',
  })
  sourceFolder(text: string): string {
    return text;
  }

  @Option({ flags: '--delay <days>', description: 'whole days that new files are kept from clients (at first 7)' })
  delay(text: string): string {
    return text;
  }

  @Option({ flags: '--hold-back <mode>', description: 'window or minimum-age (at first window)' })
  holdBack(text: string): string {
    return text;
  }

  @Option({ flags: '--schedule <cron>', description: 'a cron expression of its own; empty: SYNC_SCHEDULE' })
  schedule(text: string): string {
    return text;
  }

  @Option({ flags: '--editions <editions>', description: 'who may have it: community,enterprise (at first both)' })
  editions(text: string): readonly string[] {
    return text.split(',').filter((part) => part.trim() !== '');
  }

  /** Commands stand in the database and its backups as they are; only where people see them, secrets are hidden. */
  protected warnOfSecrets(command: string | undefined): void {
    if (command === undefined || redactText(command) === command) return;
    this.terminal.warn(
      'There seems to be a secret in the command. Keep it in the environment instead, and name its variable in SYNC_ENV.',
    );
  }
}
