import { type FastifyReply, type FastifyRequest } from 'fastify';

import { refuseConnection } from './http-server.js';
import { type Refusals } from './refusals.js';
import { isPlain, targetOf } from './targets.js';

export type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/**
 * Answers what needs no thought before anything is read, routed or waited for: what is malformed, methods that files do
 * not have, and requests without credentials, which are half of all traffic because uclient-fetch sends none at first.
 */
export function earlyAnswers(refusals: Refusals): OnRequest {
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    if (isSmuggling(request)) return hangUp(request, reply);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (isPlain(request.originalUrl)) return reads ? undefined : refusals.methodNotAllowed(reply);
    const { kind } = targetOf(request);
    if (kind === 'malformed') return refusals.malformed(reply);
    if (kind === 'other') return refusals.notFound(reply);
    if (!reads) return refusals.methodNotAllowed(reply);
    return request.headers.authorization === undefined ? refusals.unauthenticated(reply) : undefined;
  };
  return (request, reply, done) => {
    if (answer(request, reply) === undefined) done();
  };
}

/**
 * Node lets other codings than `chunked` pass, and takes for the next request what a proxy in front takes for a body
 * (trust T-129): nothing that follows may be read.
 */
const isSmuggling = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined && headers['transfer-encoding'].toLowerCase() !== 'chunked';

function hangUp({ raw }: FastifyRequest, reply: FastifyReply): FastifyReply {
  refuseConnection(raw.socket, '400 Bad Request');
  return reply.hijack();
}
