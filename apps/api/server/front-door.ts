import { type IncomingMessage, type ServerResponse } from 'node:http';

import { requestTarget } from '#libs/delivery/request-target.js';

import { type MaintenanceGate } from './maintenance-gate.js';
import { refuseConnection } from './refuse-connection.js';
import { type Refusal, type Refusals } from '../problems/refusals.js';
import { isPlain, setFileTarget } from './targets.js';

export interface FrontDoor {
  readonly maintenance: Pick<MaintenanceGate, 'stops'>;
  readonly refusals: Refusals;
}

/**
 * Answers what needs no thought, before anything is routed or waited for: what is malformed, methods that nothing here
 * has, and requests without credentials, which are half of all traffic because uclient-fetch sends none at first.
 * While there is a maintenance nobody but health gets any further.
 *
 * The raw target is read here, once, and by our own parser alone (trust 2.9). True when the request has its answer.
 */
export function atTheFrontDoor(
  { maintenance, refusals }: FrontDoor,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const nonsense = nonsenseOf(request);
  if (nonsense !== undefined) {
    refuseConnection(request.socket, nonsense);
    return true;
  }
  const plain = isPlain(request.url ?? '');
  if (!plain && maintenance.stops(request, response)) return true;
  const refusal = plain ? refusalOfMethod(request) : refusalOfFile(request);
  if (refusal !== undefined) refusals.send(response, refusal);
  return refusal !== undefined;
}

function refusalOfFile(request: IncomingMessage): Refusal | undefined {
  const target = requestTarget(request.url ?? '');
  if (target.kind === 'malformed') return 'malformed';
  if (target.kind === 'other') return 'not-found';
  setFileTarget(request, target);
  return refusalOfMethod(request) ?? (request.headers.authorization === undefined ? 'unauthenticated' : undefined);
}

const refusalOfMethod = ({ method }: IncomingMessage): Refusal | undefined =>
  method === 'GET' || method === 'HEAD' ? undefined : 'method';

/** The status line for what is not the HTTP that we speak, although Node takes it for that. */
function nonsenseOf({ headers, rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return '505 HTTP Version Not Supported';
  return isSmuggling(headers) || hasTwoHosts(rawHeaders) ? '400 Bad Request' : undefined;
}

/** RFC 9112 section 3.2; Node keeps the first, and a proxy in front may go by the other. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === HOST.length && name.toLowerCase() === HOST) hosts += 1;
  }
  return hosts > 1;
}

const HOST = 'host';

/**
 * Node lets other codings than `chunked` pass, and takes for the next request what a proxy in front takes for a body
 * (trust T-129): nothing that follows may be read.
 */
const isSmuggling = ({ 'transfer-encoding': coding }: IncomingMessage['headers']): boolean =>
  coding !== undefined && coding.toLowerCase() !== 'chunked';
