import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { type System, type SystemStore } from './system-store.js';

/** From now on the built-in register refuses the system, in every edition and every process. */
export class RevokeSystem {
  constructor(
    private readonly systems: SystemStore,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `SYSTEM_NOT_FOUND` */
  run(id: SystemId, act: Act): Promise<readonly System[]> {
    return this.systems.revoke(id, this.clock.now(), act);
  }
}
