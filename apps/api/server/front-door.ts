import { type IncomingMessage, type ServerResponse } from 'node:http';

import { requestTarget } from '#libs/delivery/request-target.js';

import { type MaintenanceGate } from './maintenance-gate.js';
import { isRepeated } from '../credentials/repeated-header.js';
import { refuseConnection } from './refuse-connection.js';
import { type Refusal, type Refusals } from '../problems/refusals.js';
import { isPlain, setTarget } from './targets.js';

export interface FrontDoor {
  readonly maintenance: Pick<MaintenanceGate, 'stops'>;
  readonly refusals: Refusals;
  /** Whether CI may ask for milestone releases; without a token there is no such address. */
  readonly hasMilestones: boolean;
}

/**
 * Answers what needs no thought, before anything is routed or waited for: what is malformed, methods that nothing here
 * has, and requests without credentials, which are half of all traffic because uclient-fetch sends none at first.
 * While there is a maintenance nobody but health gets any further.
 *
 * The raw target is read here, once, and by our own parser alone (trust 2.9). True when the request has its answer.
 */
export function atTheFrontDoor(
  { maintenance, refusals, hasMilestones }: FrontDoor,
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
  const refusal = plain ? refusalOfMethod(request) : refusalOfTarget(request, hasMilestones);
  if (refusal !== undefined) refusals.send(response, refusal);
  return refusal !== undefined;
}

function refusalOfTarget(request: IncomingMessage, hasMilestones: boolean): Refusal | undefined {
  const target = requestTarget(request.method ?? '', request.url ?? '');
  if (target.kind === 'malformed') return 'malformed';
  if (target.kind === 'other') return 'not-found';
  setTarget(request, target);
  const isAnonymous = request.headers.authorization === undefined;
  if (target.kind === 'file') return refusalOfMethod(request) ?? (isAnonymous ? 'unauthenticated' : undefined);
  if (!hasMilestones) return 'not-found';
  return isAnonymous ? 'token-required' : undefined;
}

const refusalOfMethod = ({ method }: IncomingMessage): Refusal | undefined =>
  method === 'GET' || method === 'HEAD' ? undefined : 'method';

/** The status line for what is not the HTTP that we speak, although Node takes it for that. */
function nonsenseOf({ headers, rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return '505 HTTP Version Not Supported';
  // RFC 9112 section 3.2: one host.
  return isSmuggling(headers) || isRepeated(rawHeaders, 'host') ? '400 Bad Request' : undefined;
}

/**
 * Node lets other codings than `chunked` pass, and takes for the next request what a proxy in front takes for a body
 * (trust T-129): nothing that follows may be read.
 */
const isSmuggling = ({ 'transfer-encoding': coding }: IncomingMessage['headers']): boolean =>
  coding !== undefined && coding.toLowerCase() !== 'chunked';
