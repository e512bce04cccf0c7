import { Command, Option } from 'nest-commander';

import { ENDING_SIGNALS } from '#libs/composition/ending-signals.js';
import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

import { described, ParcelerCommand } from '../parceler-command.js';
import { PROGRAMS, type Program } from './program-files.js';
import { Supervisor } from './supervisor.js';

@Command(described('serve'))
export class ServeCommand extends ParcelerCommand {
  async run(_: string[], { only = PROGRAMS }: { only?: readonly Program[] }): Promise<void> {
    this.context.parts.config(); // mistakes are told once here, not three times by the children
    const supervisor = new Supervisor(only, (line) => this.terminal.warn(line));
    for (const signal of ENDING_SIGNALS) process.on(signal, () => supervisor.stop());
    this.context.exitCode = await supervisor.run();
  }

  @Option({ flags: '--only <programs>', description: `a comma-separated part of ${PROGRAMS.join(',')}` })
  only(text: string): readonly Program[] {
    const named = new Set(text.split(',').map((name) => name.trim()));
    const wanted = PROGRAMS.filter((program) => named.delete(program));
    const [unknown] = named;
    if (unknown === undefined) return wanted;
    throw new AppError('invalid', 'USAGE', `"${printable(unknown)}" is not one of ${PROGRAMS.join(', ')}.`, {
      hint: 'Name some of them, such as --only api,worker.',
    });
  }
}
