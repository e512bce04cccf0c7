import { type FastifyReply } from 'fastify';

import { SECOND } from '#libs/kernel/duration.js';

import { PROBLEM_TYPE, problemOfStatus, type Problem } from './problem.js';

/** An answer that is the same for everybody who gets it, as bytes that are made once. */
interface Refusal {
  readonly status: number;
  readonly body: Buffer;
}

const refusal = (status: number, code: string, detail: string): Refusal => {
  const problem: Problem = { ...problemOfStatus(status), code, detail };
  return { status, body: Buffer.from(JSON.stringify(problem)) };
};

const MALFORMED = refusal(400, 'MALFORMED_REQUEST', 'The request cannot be understood.');
const UNAUTHENTICATED = refusal(401, 'CREDENTIALS_REQUIRED', 'Present system id and secret with HTTP Basic.');
const REFUSED = refusal(403, 'ENTITLEMENT_REFUSED', 'This system is not entitled.');
const NOT_FOUND = refusal(404, 'NOT_FOUND', 'There is no such file.');
const METHOD = refusal(405, 'METHOD_NOT_ALLOWED', 'Files are read with GET and HEAD.');
const UNKNOWN = refusal(
  503,
  'ENTITLEMENT_UNKNOWN',
  'Whether this system is entitled cannot be found out at the moment.',
);
const DAMAGED = refusal(503, 'CONTENT_DAMAGED', 'This file cannot be read at the moment.');

const DAMAGE_RETRY = 60 * SECOND;

/** The answers that carry no file. Appliances get no other statuses than these (some stumble over 410 or 429). */
export class Refusals {
  private readonly challenge: string;

  constructor(realm: string) {
    this.challenge = `Basic realm="${realm.replaceAll(/[^\x20-\x7e]|["\\]/g, '')}", charset="UTF-8"`;
  }

  malformed(reply: FastifyReply): FastifyReply {
    return send(reply.header('Connection', 'close'), MALFORMED);
  }

  /** Every 401 has the challenge: wget and uclient-fetch send credentials only after it. */
  unauthenticated(reply: FastifyReply): FastifyReply {
    return send(reply.header('WWW-Authenticate', this.challenge), UNAUTHENTICATED);
  }

  refused(reply: FastifyReply): FastifyReply {
    return send(reply, REFUSED);
  }

  notFound(reply: FastifyReply): FastifyReply {
    return send(reply, NOT_FOUND);
  }

  methodNotAllowed(reply: FastifyReply): FastifyReply {
    return send(reply.header('Allow', 'GET, HEAD'), METHOD);
  }

  entitlementUnknown(reply: FastifyReply, retryAfterMs: number): FastifyReply {
    return send(later(reply, retryAfterMs), UNKNOWN);
  }

  damaged(reply: FastifyReply): FastifyReply {
    return send(later(reply, DAMAGE_RETRY), DAMAGED);
  }
}

const later = (reply: FastifyReply, retryAfterMs: number): FastifyReply =>
  reply.header('Retry-After', String(Math.ceil(retryAfterMs / SECOND)));

const send = (reply: FastifyReply, { status, body }: Refusal): FastifyReply =>
  reply.code(status).header('Content-Type', PROBLEM_TYPE).header('Cache-Control', 'no-store').send(body);
