import { Command, Option } from 'nest-commander';

import { CancelRun } from '#libs/syncing/runs/cancel-run.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { runId } from './run-id.js';

@Command({ ...described('run:cancel'), arguments: '<run>' })
export class RunCancelCommand extends ParcelerCommand {
  async run([id = '']: string[], { reason }: { reason?: string }): Promise<void> {
    const run = await (await this.use(CancelRun)).run(runId(id), operator(reason));
    this.terminal.say(`Cancelled run ${String(run.id)} of ${run.repository}.`);
  }

  @Option({ flags: '--reason <text>', description: 'why; it stands in the run' })
  reason(text: string): string {
    return text;
  }
}
