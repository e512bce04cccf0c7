import { createHmac } from 'node:crypto';

import { type Secret } from '#libs/config/secret.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { type SystemCredentials } from './entitlement.js';

/** Names what an authority said of exactly these credentials: edition, id and secret. Says nothing without `APP_KEY`. */
export type VerdictKey = string & { readonly __brand: 'VerdictKey' };

/** Names a secret, whoever presents it, to an authority that looks at nothing else. Stays in memory. */
export type SharedSecretKey = string & { readonly __brand: 'SharedSecretKey' };

/** Names a system in stores that must not hold ids of licence holders in clear. */
export type SystemKey = string & { readonly __brand: 'SystemKey' };

/** How the register keeps a secret: the first characters tell which `APP_KEY` made it. */
export type SecretHash = string & { readonly __brand: 'SecretHash' };

/**
 * Keyed hashes (HMAC-SHA-256 with `APP_KEY`) of what appliances present; whoever reads a store learns no secret from
 * them, and cannot try guesses without the key. Fields are length-prefixed, so no two questions share a key (trust T-115).
 *
 * Secrets in the register are hashed with it too instead of with scrypt: they are compared on the way of a request, and
 * those we make have 256 bits. The price is that a changed `APP_KEY` makes every registered secret unreadable, which
 * `madeWithThisKey` tells apart from a wrong secret.
 */
export class CredentialKeys {
  private readonly keyId: string;

  constructor(private readonly appKey: Secret<Buffer>) {
    this.keyId = this.hash('key-id').slice(0, 8);
  }

  verdict({ edition, systemId, secret }: SystemCredentials): VerdictKey {
    return this.hash('verdict', edition, systemId, secret) as VerdictKey;
  }

  sharedSecret({ edition, secret }: SystemCredentials): SharedSecretKey {
    return this.hash('shared-secret', edition, secret) as SharedSecretKey;
  }

  system(id: SystemId): SystemKey {
    return this.hash('system', id) as SystemKey;
  }

  secret({ edition, systemId, secret }: SystemCredentials): SecretHash {
    return `${this.keyId}.${this.hash('secret', edition, systemId, secret)}` as SecretHash;
  }

  madeWithThisKey(hash: SecretHash): boolean {
    return hash.startsWith(`${this.keyId}.`);
  }

  private hash(...fields: readonly string[]): string {
    let text = '';
    for (const field of fields) text += `${String(Buffer.byteLength(field))}:${field}`;
    return createHmac('sha256', this.appKey.reveal()).update(text).digest('base64url');
  }
}
