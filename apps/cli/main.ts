import 'reflect-metadata';

import { readEnvironment } from '#libs/config/read-environment.js';
import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

import { EXIT_USAGE, exitCodeOf } from './exit-codes.js';
import { overview, similarTo } from './overview.js';
import { packageVersion } from './package-folder.js';
import { Parts } from './parts.js';
import { isCommandName, withoutAlias, type CommandName } from './summaries.js';
import { Terminal } from './terminal.js';

const HELP = new Set(['help', '--help', '-h']);

const VERSION = new Set(['--version', '-V']);

async function main(terminal: Terminal): Promise<number> {
  const [name, about] = process.argv.slice(2);
  if (name === undefined || (HELP.has(name) && about === undefined)) {
    terminal.write(overview());
    return name === undefined ? EXIT_USAGE : 0;
  }
  if (VERSION.has(name)) {
    terminal.say(`parceler ${packageVersion()}`);
    return 0;
  }
  const aboutOne = HELP.has(name) && about !== undefined;
  const command = aboutOne ? commandName(about) : commandName(name, about);
  // Where the library that parses the command line looks.
  process.argv.splice(2, aboutOne ? Infinity : 1, command, ...(aboutOne ? ['--help'] : []));
  return run(command, terminal);
}

/** @throws AppError `UNKNOWN_COMMAND` */
function commandName(typed: string, next?: string): CommandName {
  const name = withoutAlias(typed);
  if (isCommandName(name)) return name;
  const inTwoWords = `${typed}:${next ?? ''}`;
  const similar = isCommandName(inTwoWords) ? [inTwoWords] : similarTo(typed);
  throw new AppError('invalid', 'UNKNOWN_COMMAND', `There is no command "${printable(typed)}".`, {
    hint: similar.length > 0 ? `Did you mean ${similar.join(' or ')}?` : 'parceler --help lists the commands.',
  });
}

async function run(name: CommandName, terminal: Terminal): Promise<number> {
  const parts = new Parts(
    () => readEnvironment(process.env),
    (place) => terminal.note(`There was no installation yet: ${place} is new.`), // perhaps the wrong one
  );
  const context = { parts, terminal, exitCode: 0 };
  try {
    const { dispatch } = await import('./dispatch.js'); // Nest is not needed to print help
    await dispatch(name, context);
    return context.exitCode;
  } finally {
    await context.parts.close();
  }
}

const outputFailed = (cause: Error): AppError =>
  new AppError('unavailable', 'OUTPUT_FAILED', `Standard output cannot be written: ${cause.message}.`, {
    hint: 'What the command did is done; only its output is not whole.',
    cause,
  });

const terminal = new Terminal(process.stdout, process.stderr);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // a reader that has seen enough, such as head(1), is no error
  terminal.fail(outputFailed(error));
  process.exit(exitCodeOf(outputFailed(error)));
});
main(terminal)
  .catch((error: unknown) => {
    terminal.fail(error);
    return exitCodeOf(error);
  })
  .then(
    (code) => (process.exitCode = code),
    () => undefined,
  );
