import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';

import { type MaintenanceStore } from './maintenance-store.js';
import { type Maintenance } from './maintenance.js';

/** Everything goes on. Where nothing stood still, that is no error: what was asked for is so. */
export class EndMaintenance {
  constructor(
    private readonly maintenances: MaintenanceStore,
    private readonly clock: Clock,
  ) {}

  /** @returns what has ended, or `undefined` when none was on */
  run(act: Act): Promise<Maintenance | undefined> {
    return this.maintenances.end(this.clock.now(), act);
  }
}
