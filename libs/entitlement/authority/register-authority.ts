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
    if (system === undefined || this.isOver(system)) return { kind: 'refused' };
    if (!this.keys.madeWithThisKey(system.secretHash)) return KEY_CHANGED;
    const good = timingSafeEqual(Buffer.from(system.secretHash), Buffer.from(presented));
    return good ? { kind: 'entitled', until: system.validUntil } : { kind: 'refused' };
  }

  private isOver({ revokedAt, validUntil }: RegisteredSystem): boolean {
    return revokedAt !== undefined || (validUntil !== undefined && validUntil <= this.clock.now());
  }
}

/**
 * Every secret would look wrong: refusing the whole fleet because of our own mistake is not an answer. Programs do not
 * start with such a key, until an operator has adopted it; then this is what systems get that were not added again.
 */
const KEY_CHANGED: Verdict = {
  kind: 'unknown',
  about: 'authority',
  cause: new Error('the system was registered under another APP_KEY'),
};
