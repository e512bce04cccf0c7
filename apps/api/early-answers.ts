import { type FastifyReply, type FastifyRequest } from 'fastify';

import { type Refusals } from './refusals.js';
import { isPlain, targetOf } from './targets.js';

export type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/**
 * Answers what needs no thought before anything is read, routed or waited for: what is malformed, methods that files do
 * not have, and requests without credentials, which are half of all traffic because uclient-fetch sends none at first.
 */
export function earlyAnswers(refusals: Refusals): OnRequest {
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    if (isSmuggling(request)) return refusals.malformed(reply);
    if (isPlain(request.originalUrl)) return undefined;
    const { kind } = targetOf(request);
    if (kind === 'malformed') return refusals.malformed(reply);
    if (kind === 'other') return refusals.notFound(reply);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusals.methodNotAllowed(reply);
    return request.headers.authorization === undefined ? refusals.unauthenticated(reply) : undefined;
  };
  return (request, reply, done) => {
    if (answer(request, reply) === undefined) done();
  };
}

/** Node lets other codings than `chunked` pass; a proxy in front may read such a body differently (trust T-129). */
const isSmuggling = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined && headers['transfer-encoding'].toLowerCase() !== 'chunked';
