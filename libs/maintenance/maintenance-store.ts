import { type Act } from '#libs/kernel/actor.js';
import { token } from '#libs/kernel/provider.js';

import { type Maintenance } from './maintenance.js';

export interface MaintenanceStore {
  /** The one that is on. */
  find(): Promise<Maintenance | undefined>;
  /**
   * Begins one. If one is on already it goes on as the same episode, with what this one says instead.
   *
   * @returns what is on from now on
   */
  begin(maintenance: Maintenance, act: Act): Promise<Maintenance>;
  /** @returns what has ended, or `undefined` when none was on */
  end(at: Date, act: Act): Promise<Maintenance | undefined>;
}

export const MAINTENANCE_STORE = token<MaintenanceStore>('MaintenanceStore');
