import { commandEnvironment } from '#libs/commands/command-environment.js';
import { type CommandRunner } from '#libs/commands/run-command.js';
import { type Config } from '#libs/config/config.js';
import { formatDuration } from '#libs/kernel/duration.js';
import { type Repository } from '#libs/repositories/repository.js';

import { commandFailure } from './outcome-of.js';
import { type RunLog } from './runs/run-log.js';
import { type Workplace } from './workplace.js';

/** Brings a repository's source up to date by the operator's command. */
export class RunSyncCommand {
  constructor(
    private readonly commands: CommandRunner,
    private readonly workplace: Workplace,
    private readonly settings: Pick<Config['sync'], 'environment' | 'timeoutMs' | 'idleTimeoutMs'>,
  ) {}

  /** @throws AppError `SYNC_FAILED`, `SYNC_TIMED_OUT`, `SYNC_LOCKED`, `SYNC_NOT_STARTED`, `DISK_NOT_MARKED`; the signal's reason when aborted */
  async run({ name, command }: Repository, log: RunLog, signal: AbortSignal): Promise<void> {
    const place = await this.workplace.prepare(name);
    const { outcome, durationMs } = await this.commands.run({
      command,
      cwd: place.cwd,
      env: commandEnvironment(this.settings.environment, { repository: name, sourceDir: place.sourceDir }),
      lockFile: place.lockFile,
      timeoutMs: this.settings.timeoutMs,
      idleTimeoutMs: this.settings.idleTimeoutMs,
      watchFolder: place.watchFolder,
      signal,
      onOutput: (text) => {
        log.write(text);
      },
    });
    if (outcome.kind === 'aborted') throw signal.reason;
    const failure = commandFailure(name, outcome, this.settings);
    if (failure !== undefined) throw failure;
    log.note(`the sync command ended well after ${formatDuration(durationMs)}`);
  }
}
