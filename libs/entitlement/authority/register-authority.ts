import { timingSafeEqual } from 'node:crypto';

import { type Clock } from '#libs/kernel/clock.js';

import { type CredentialKeys, type SecretHash } from '../credential-keys.js';
import { type LicenceAuthority, type SystemCredentials, type Verdict } from '../entitlement.js';
import { type RegisteredSystem, type SystemStore } from '../systems/system-store.js';

/** The built-in register of systems: who is known with this secret, not revoked and not expired. */
export class RegisterAuthority implements LicenceAuthority {
  constructor(
    private readonly systems: SystemStore,
    private readonly keys: CredentialKeys,
    private readonly clock: Clock,
  ) {}

  async ask(credentials: SystemCredentials): Promise<Verdict> {
    try {
      const system = await this.systems.find(credentials.systemId, credentials.edition);
      return this.judge(system, this.keys.secret(credentials));
    } catch (cause) {
      return { kind: 'unknown', about: 'authority', cause };
    }
  }

  private judge(system: RegisteredSystem | undefined, presented: SecretHash): Verdict {
    if (system === undefined) return { kind: 'refused' };
    if (!this.keys.madeWithThisKey(system.secretHash)) return KEY_CHANGED;
    const good = timingSafeEqual(Buffer.from(system.secretHash), Buffer.from(presented));
    const over = system.validUntil !== undefined && system.validUntil <= this.clock.now();
    return !good || over || system.revokedAt !== undefined
      ? { kind: 'refused' }
      : { kind: 'entitled', until: system.validUntil };
  }
}

/** Every secret would look wrong: refusing the whole fleet because of our own mistake is not an answer. */
const KEY_CHANGED: Verdict = {
  kind: 'unknown',
  about: 'authority',
  cause: new Error('the register was written with another APP_KEY'),
};
