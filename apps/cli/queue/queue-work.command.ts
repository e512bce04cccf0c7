import { fork } from 'node:child_process';
import { once } from 'node:events';

import { Command, Option } from 'nest-commander';

import { ENDING_SIGNALS } from '#libs/composition/ending-signals.js';

import { described, ParcelerCommand } from '../parceler-command.js';
import { programFile } from '../operation/program-files.js';

interface Options {
  readonly once?: boolean;
  readonly force?: boolean;
}

@Command(described('queue:work'))
export class QueueWorkCommand extends ParcelerCommand {
  async run(_: string[], options: Options): Promise<void> {
    this.context.parts.config(); // mistakes are told here, in one sentence
    const flags = [...(options.once ? ['--once'] : []), ...(options.force ? ['--force'] : [])];
    const worker = fork(programFile('worker'), flags, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    for (const signal of ENDING_SIGNALS) process.on(signal, () => worker.kill('SIGTERM'));
    const [code] = (await once(worker, 'exit')) as [number | null];
    this.context.exitCode = code ?? 1;
  }

  @Option({ flags: '--once', description: 'end when nothing is left to do' })
  once(): boolean {
    return true;
  }

  @Option({ flags: '--force', description: 'work in a maintenance, too' })
  force(): boolean {
    return true;
  }
}
