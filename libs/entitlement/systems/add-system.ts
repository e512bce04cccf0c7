import { randomBytes } from 'node:crypto';

import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { basicCredentials, basicHeader } from '../basic-credentials.js';
import { type CredentialKeys } from '../credential-keys.js';
import { type Edition } from '../edition.js';
import { withoutHash, type System, type SystemStore } from './system-store.js';

export interface NewSystem {
  readonly id: SystemId;
  readonly edition: Edition;
  /** The operator's own; without it one is made. */
  readonly secret?: string | undefined;
  readonly validUntil?: Date | undefined;
  /** Gives a system that is registered another secret; the end of its subscription stays, unless one is given. */
  readonly replace?: boolean;
}

export interface AddedSystem {
  readonly system: System;
  /** Only when it was made here. It is shown this once and cannot be read again. */
  readonly secret: string | undefined;
}

const SECRET_BYTES = 32;

/** Enters a system into the built-in register. */
export class AddSystem {
  constructor(
    private readonly systems: SystemStore,
    private readonly keys: CredentialKeys,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `SYSTEM_EXISTS`, `INVALID_SECRET`, `INVALID_VALID_UNTIL` */
  async run({ id, edition, secret, validUntil: end, replace = false }: NewSystem, act: Act): Promise<AddedSystem> {
    const made = secret === undefined ? randomBytes(SECRET_BYTES).toString('base64url') : undefined;
    const credentials = { edition, systemId: id, secret: usable(id, made ?? secret ?? '') };
    const createdAt = this.clock.now();
    if (end !== undefined && end <= createdAt) throw alreadyOver(end);
    const validUntil = end ?? (replace ? (await this.systems.find(id, edition))?.validUntil : undefined);
    const secretHash = this.keys.secret(credentials);
    const system = { id, edition, validUntil, revokedAt: undefined, createdAt, secretHash };
    await this.systems.add(system, act, { replace });
    return { system: withoutHash(system), secret: made };
  }
}

/** A secret that the system could not present over HTTP Basic would never be accepted. */
function usable(systemId: SystemId, secret: string): string {
  if (basicCredentials(basicHeader({ systemId, secret }))?.secret === secret) return secret;
  throw new AppError('invalid', 'INVALID_SECRET', 'That secret cannot be used.', {
    hint: 'Use 1 to 512 bytes without control characters, or give none to have one made.',
  });
}

const alreadyOver = (validUntil: Date): AppError =>
  new AppError('invalid', 'INVALID_VALID_UNTIL', `${validUntil.toISOString()} has passed already.`, {
    hint: 'Name an instant in the future.',
  });
