import { Command } from 'nest-commander';

import { readSettings, type Setting } from '#libs/config/read-settings.js';
import { AppError } from '#libs/kernel/errors.js';
import { redactText } from '#libs/observability/redact-text.js';

import { EXIT_USAGE } from '../exit-codes.js';
import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';

@Command(described('config:check'))
export class ConfigCheckCommand extends ShowingCommand {
  run(_: string[], { json = false }: JsonOption): Promise<void> {
    const { settings, mistakes, notes } = readSettings(this.context.parts.environment());
    this.terminal.list(settings.map(settingView), COLUMNS, { json, empty: '' });
    for (const note of notes) this.terminal.warn(note);
    for (const mistake of mistakes) this.terminal.fail(new AppError('invalid', 'INVALID_CONFIGURATION', mistake));
    if (mistakes.length > 0) this.context.exitCode = EXIT_USAGE;
    return Promise.resolve();
  }
}

/** Secrets are hidden by what they are; this is for what somebody has put into an address. */
const settingView = ({ name, value, from }: Setting) => ({
  name,
  value: value === undefined ? null : redactText(value),
  from,
});

const COLUMNS: Columns<ReturnType<typeof settingView>> = {
  VARIABLE: ({ name }) => name,
  VALUE: ({ value }) => value ?? '',
  FROM: ({ from }) => from,
};
