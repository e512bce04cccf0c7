import { type Act } from '#libs/kernel/actor.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { token } from '#libs/kernel/provider.js';

import { type SecretHash } from '../credential-keys.js';
import { type Edition } from '../edition.js';

/** A system in the built-in register. */
export interface System {
  readonly id: SystemId;
  readonly edition: Edition;
  /** From this instant on it is refused. */
  readonly validUntil: Date | undefined;
  readonly revokedAt: Date | undefined;
  readonly createdAt: Date;
}

export interface RegisteredSystem extends System {
  readonly secretHash: SecretHash;
}

/** The built-in register of systems. Every change leaves an audit record and begins a new generation of verdicts. */
export interface SystemStore {
  /**
   * A revoked system may be added again, and then counts with its new secret. With `replace` it takes the place of one
   * that counts, and of no other: who gives out new secrets by a script lifts no revocation by it.
   *
   * @throws AppError `SYSTEM_EXISTS`; with `replace` `SYSTEM_NOT_FOUND`, `SYSTEM_REVOKED`
   */
  add(system: RegisteredSystem, act: Act, options?: { readonly replace: boolean }): Promise<void>;
  find(id: SystemId, edition: Edition): Promise<RegisteredSystem | undefined>;
  /** By id in byte order, then by edition. */
  list(): Promise<readonly RegisteredSystem[]>;
  /** In every edition; those revoked already are left as they are. @throws AppError `SYSTEM_NOT_FOUND` */
  revoke(id: SystemId, at: Date, act: Act): Promise<readonly System[]>;
}

export const SYSTEM_STORE = token<SystemStore>('SystemStore');

/** What may be shown. */
export const withoutHash = ({ id, edition, validUntil, revokedAt, createdAt }: RegisteredSystem): System => ({
  id,
  edition,
  validUntil,
  revokedAt,
  createdAt,
});
