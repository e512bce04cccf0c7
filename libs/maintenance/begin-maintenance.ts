import { randomUUID } from 'node:crypto';

import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';

import { type BypassKeys } from './bypass-keys.js';
import { type BypassWord } from './bypass-word.js';
import { type MaintenanceStore } from './maintenance-store.js';
import { USUAL_ANSWER, type Maintenance, type MaintenanceDraft } from './maintenance.js';

/** From now on nothing is served and nothing new is begun, in any process. */
export class BeginMaintenance {
  constructor(
    private readonly maintenances: MaintenanceStore,
    private readonly keys: BypassKeys,
    private readonly clock: Clock,
  ) {}

  /** What is not said is as usual, also when another maintenance is on that said something else. */
  run({ word, ...answer }: MaintenanceDraft & { readonly word?: BypassWord }, act: Act): Promise<Maintenance> {
    const maintenance = {
      ...USUAL_ANSWER,
      ...answer,
      episode: randomUUID(),
      since: this.clock.now(),
      word: word && this.keys.hash(word),
    };
    return this.maintenances.begin(maintenance, act);
  }
}
