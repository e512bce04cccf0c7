import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { type VerdictStore } from '../verdicts/verdict-store.js';

/** Drops what is kept about a system, in every edition and every process: its next request asks the authority. */
export class ForgetSystem {
  constructor(
    private readonly verdicts: VerdictStore,
    private readonly clock: Clock,
  ) {}

  /** Answers how many shared verdicts there were. */
  run(id: SystemId, act: Act): Promise<number> {
    return this.verdicts.forget(id, this.clock.now(), act);
  }
}
