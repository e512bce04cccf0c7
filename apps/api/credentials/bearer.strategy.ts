import { createHash, timingSafeEqual } from 'node:crypto';

import { type FastifyRequest } from 'fastify';
import { Strategy } from 'passport-strategy';

import { type Secret } from '#libs/config/secret.js';

import { isRepeated } from './repeated-header.js';

const BEARER = /^bearer +([\w.~+/=-]+)$/i;

/** Knows the one token of CI by `Authorization: Bearer` alone (RFC 6750 section 2.1): in an address it would be logged. */
export class BearerStrategy extends Strategy {
  readonly name = 'bearer';
  private readonly digest: Buffer;

  constructor(token: Secret<string>) {
    super();
    this.digest = sha256(token.reveal());
  }

  override authenticate(request: unknown): void {
    const { headers, raw } = request as FastifyRequest;
    const [, presented] = BEARER.exec(headers.authorization ?? '') ?? [];
    // Digests have one length, and comparing them takes one time (trust T-142).
    const known =
      presented !== undefined &&
      !isRepeated(raw.rawHeaders, 'authorization') &&
      timingSafeEqual(sha256(presented), this.digest);
    if (known) this.success(true);
    else this.fail(401);
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
