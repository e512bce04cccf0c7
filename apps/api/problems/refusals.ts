import { type ServerResponse } from 'node:http';

import { SECOND } from '#libs/kernel/duration.js';
import { type ErrorKind } from '#libs/kernel/errors.js';
import { type MaintenanceAnswer } from '#libs/maintenance/maintenance.js';

import { PROBLEM_TYPE, problemOfStatus, STATUS, type Problem } from './problem.js';

/** An answer that is the same for everybody who gets it, as bytes that are made once. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

function answer(
  kind: ErrorKind,
  code: string,
  detail: string,
  headers: readonly string[] = [],
  status = STATUS[kind],
): Answer {
  const problem: Problem = { ...problemOfStatus(status), code, detail };
  const body = Buffer.from(JSON.stringify(problem));
  const usual = ['Content-Type', PROBLEM_TYPE, 'Cache-Control', 'no-store', 'Content-Length', String(body.length)];
  return { status, body, headers: [...usual, ...headers] };
}

/** What everybody gets while there is a maintenance, with the status that an operator chose. */
export const maintenanceAnswer = ({ status, retryAfter, refresh }: MaintenanceAnswer): Answer => {
  const headers = ['Retry-After', String(retryAfter), ...(refresh === undefined ? [] : ['Refresh', String(refresh)])];
  return answer('unavailable', 'MAINTENANCE', 'Down for maintenance. Try again later.', headers, status);
};

/** HTTP alone tells a wrong method from other things that make no sense, and wants to be told the right ones with it. */
const METHOD_NOT_ALLOWED = 405;
const ALLOW = ['Allow', 'GET, HEAD'];

const ANSWERS = {
  malformed: answer('invalid', 'MALFORMED_REQUEST', 'The request cannot be understood.', ['Connection', 'close']),
  refused: answer('denied', 'ENTITLEMENT_REFUSED', 'This system is not entitled.'),
  'not-found': answer('not-found', 'NOT_FOUND', 'There is no such file.'),
  method: answer('invalid', 'METHOD_NOT_ALLOWED', 'What is here is read with GET and HEAD.', ALLOW, METHOD_NOT_ALLOWED),
  unknown: answer(
    'unavailable',
    'ENTITLEMENT_UNKNOWN',
    'Whether this system is entitled cannot be found out at the moment.',
  ),
  damaged: answer('unavailable', 'CONTENT_DAMAGED', 'This file cannot be read at the moment.'),
};

export type Refusal = keyof typeof ANSWERS | 'unauthenticated' | 'token-required';

/**
 * The answers that carry no file, written to Node's response. Appliances get no other statuses than these: some stumble
 * over 410 or 429.
 */
export class Refusals {
  private readonly answers: Readonly<Record<Refusal, Answer>>;

  constructor(realm: string) {
    const quoted = realm.replaceAll(/[^\x20-\x7e]|["\\]/g, '');
    // Every 401 has the challenge: wget and uclient-fetch send credentials only after it.
    const challenge = ['WWW-Authenticate', `Basic realm="${quoted}", charset="UTF-8"`];
    const unauthenticated = answer(
      'unauthenticated',
      'CREDENTIALS_REQUIRED',
      'Present system id and secret with HTTP Basic.',
      challenge,
    );
    const tokenRequired = answer('unauthenticated', 'TOKEN_REQUIRED', 'Present the token for milestone releases.', [
      'WWW-Authenticate',
      `Bearer realm="${quoted}"`,
    ]);
    this.answers = { ...ANSWERS, unauthenticated, 'token-required': tokenRequired };
  }

  send(response: ServerResponse, refusal: Refusal, retryAfterMs?: number): void {
    const more = retryAfterMs === undefined ? [] : ['Retry-After', String(Math.ceil(retryAfterMs / SECOND))];
    send(response, this.answers[refusal], more);
  }
}

export function send(response: ServerResponse, answer: Answer, more: readonly string[] = []): void {
  response.writeHead(answer.status, [...answer.headers, ...more]).end(answer.body);
}
