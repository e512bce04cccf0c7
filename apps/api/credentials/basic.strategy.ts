import { type FastifyRequest } from 'fastify';
import { Strategy } from 'passport-strategy';

import { basicCredentials } from '#libs/entitlement/basic-credentials.js';

/**
 * Reads who asks, strictly; whether they may is decided later, when it is known that there is such a repository.
 * `passport-http` is no choice: it cuts secrets at their first colon and takes what is not Base64.
 */
export class BasicStrategy extends Strategy {
  readonly name = 'basic';

  override authenticate(request: unknown): void {
    const { headers, raw } = request as FastifyRequest;
    const credentials = isRepeated(raw.rawHeaders) ? undefined : basicCredentials(headers.authorization);
    if (credentials === undefined) this.fail(401);
    else this.success(credentials);
  }
}

/** Node shows the first of several `Authorization` headers, a proxy may have looked at the last. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count += 1;
  }
  return count > 1;
}
