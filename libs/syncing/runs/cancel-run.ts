import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';

import { getRun } from './get-run.js';
import { isOpen, type Run } from './run.js';
import { type RunStore } from './run-store.js';

/** Ends a run: one that waits never starts, the command of one that works is killed. Its job finds nothing left to do. */
export class CancelRun {
  constructor(
    private readonly runs: RunStore,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `RUN_NOT_FOUND`, `RUN_ENDED` */
  async run(id: number, act: Act): Promise<Run> {
    const run = await getRun(this.runs, id);
    if (!isOpen(run)) throw runEnded(run);
    const reason = act.reason === undefined ? '' : `: ${act.reason}`;
    await this.runs.finish(
      { id },
      {
        state: 'cancelled',
        at: this.clock.now(),
        errorCode: 'RUN_CANCELLED',
        error: `Cancelled by ${act.actor}${reason}.`,
      },
    );
    const ended = await getRun(this.runs, id);
    if (ended.state !== 'cancelled') throw runEnded(ended);
    return ended;
  }
}

const runEnded = ({ id, state }: Run): AppError =>
  new AppError('conflict', 'RUN_ENDED', `Run ${String(id)} has ended already: ${state}.`, {
    hint: 'run:list shows those that can still be cancelled.',
  });
