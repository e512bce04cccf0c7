import { Module, type DynamicModule } from '@nestjs/common';
import { CommandFactory } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';

import { loadCommand } from './load-command.js';
import { Parts } from './parts.js';
import { Outcome } from './outcome.js';
import { type CommandName } from './summaries.js';
import { TERMINAL, type Terminal } from './terminal.js';

export interface CommandSurroundings {
  readonly parts: Parts;
  readonly terminal: Terminal;
}

@Module({})
class CommandModule {}

/**
 * Parses the command line and runs the command.
 *
 * @returns the exit status
 * @throws AppError what the command threw, and `USAGE` for a command line that does not fit it
 */
export async function runCommand(name: CommandName, { parts, terminal }: CommandSurroundings): Promise<number> {
  const command = await loadCommand(name);
  const outcome = new Outcome();
  const root: DynamicModule = {
    module: CommandModule,
    providers: [
      command,
      { provide: Parts, useValue: parts },
      { provide: Outcome, useValue: outcome },
      { provide: TERMINAL, useValue: terminal },
    ],
  };
  const failures: Error[] = [];
  const app = await CommandFactory.createWithoutRunning(root, {
    logger: false,
    abortOnError: false,
    serviceErrorHandler: (error) => void failures.push(error),
  });
  await CommandFactory.runApplication(app);
  const [failure] = failures;
  if (failure !== undefined && !isHelp(failure)) throw asUsageError(failure, name);
  return outcome.exitCode;
}

/** commander ends `--help` by an error of this code. */
const isHelp = (error: Error): boolean => 'code' in error && error.code === 'commander.helpDisplayed';

function asUsageError(error: Error, name: CommandName): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!code.startsWith('commander.')) return error;
  const mistake = error.message.replace(/^error: /, '').replace(/\.$/, '');
  return new AppError('invalid', 'USAGE', `${mistake.charAt(0).toUpperCase()}${mistake.slice(1)}.`, {
    hint: `parceler ${name} --help shows what it takes.`,
  });
}
