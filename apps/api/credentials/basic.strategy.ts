import { type FastifyRequest } from 'fastify';
import { Strategy } from 'passport-strategy';

import { basicCredentials } from '#libs/entitlement/basic-credentials.js';

import { isRepeated } from './repeated-header.js';

/**
 * Reads who asks, strictly; whether they may is decided later, when it is known that there is such a repository.
 * `passport-http` is no choice: it cuts secrets at their first colon and takes what is not Base64.
 */
export class BasicStrategy extends Strategy {
  readonly name = 'basic';

  override authenticate(request: unknown): void {
    const { headers, raw } = request as FastifyRequest;
    const credentials = isRepeated(raw.rawHeaders, 'authorization')
      ? undefined
      : basicCredentials(headers.authorization);
    if (credentials === undefined) this.fail(401);
    else this.success(credentials);
  }
}
