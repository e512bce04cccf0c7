import { Command, Option } from 'nest-commander';

import { FollowRun } from '#libs/syncing/runs/follow-run.js';
import { getRun } from '#libs/syncing/runs/get-run.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { interruptible } from '../interruption.js';
import { described, ParcelerCommand } from '../parceler-command.js';
import { runId } from './run-id.js';
import { watchRun } from './watch-run.js';

@Command({ ...described('run:log'), arguments: '<run>' })
export class RunLogCommand extends ParcelerCommand {
  async run([text = '']: string[], { follow = false }: { follow?: boolean }): Promise<void> {
    const id = runId(text);
    if (follow) {
      const followRun = await this.use(FollowRun);
      await interruptible((signal) => watchRun(followRun, id, { log: true, steps: false, signal }, this.context));
      return;
    }
    const runs = await this.use(RUN_STORE);
    await getRun(runs, id);
    for (const { text: part } of await runs.log(id, 1)) this.terminal.write(part);
  }

  @Option({ flags: '--follow', description: 'go on until the run ends, and end as it does' })
  follow(): boolean {
    return true;
  }
}
