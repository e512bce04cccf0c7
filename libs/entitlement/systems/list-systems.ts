import { type Clock } from '#libs/kernel/clock.js';

import { type CredentialKeys } from '../credential-keys.js';
import { withoutHash, type RegisteredSystem, type System, type SystemStore } from './system-store.js';

/**
 * What its next request comes to: `key-changed` means that its secret was registered under another `APP_KEY`, so that
 * nobody can say whether it is the right one.
 */
export type SystemState = 'good' | 'revoked' | 'expired' | 'key-changed';

export interface ListedSystem extends System {
  readonly state: SystemState;
}

/** The built-in register, without secrets. */
export class ListSystems {
  constructor(
    private readonly systems: SystemStore,
    private readonly keys: CredentialKeys,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<readonly ListedSystem[]> {
    const systems = await this.systems.list();
    return systems.map((system) => ({ ...withoutHash(system), state: this.stateOf(system) }));
  }

  private stateOf({ revokedAt, validUntil, secretHash }: RegisteredSystem): SystemState {
    if (revokedAt !== undefined) return 'revoked';
    if (validUntil !== undefined && validUntil <= this.clock.now()) return 'expired';
    return this.keys.madeWithThisKey(secretHash) ? 'good' : 'key-changed';
  }
}
