import { Module, type DynamicModule } from '@nestjs/common';
import { CommandFactory } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';

import { loadCommand } from './load-command.js';
import { COMMAND_CONTEXT, type CommandContext } from './parceler-command.js';
import { type CommandName } from './summaries.js';

@Module({})
class CommandModule {}

/**
 * Parses the command line and runs the command, which leaves its exit status in the context.
 *
 * @throws AppError what the command threw, and `USAGE` for a command line that does not fit it
 */
export async function dispatch(name: CommandName, context: CommandContext): Promise<void> {
  const command = await loadCommand(name);
  const root: DynamicModule = {
    module: CommandModule,
    providers: [command, ...(command.providers ?? []), { provide: COMMAND_CONTEXT, useValue: context }],
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
