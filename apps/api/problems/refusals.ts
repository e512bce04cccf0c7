import { type ServerResponse } from 'node:http';

import { SECOND } from '#libs/kernel/duration.js';

import { PROBLEM_TYPE, problemOfStatus, type Problem } from './problem.js';

/** An answer that is the same for everybody who gets it, as bytes that are made once. */
interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

function answer(status: number, code: string, detail: string, headers: readonly string[] = []): Answer {
  const problem: Problem = { ...problemOfStatus(status), code, detail };
  const body = Buffer.from(JSON.stringify(problem));
  const usual = ['Content-Type', PROBLEM_TYPE, 'Cache-Control', 'no-store', 'Content-Length', String(body.length)];
  return { status, body, headers: [...usual, ...headers] };
}

const ANSWERS = {
  malformed: answer(400, 'MALFORMED_REQUEST', 'The request cannot be understood.', ['Connection', 'close']),
  refused: answer(403, 'ENTITLEMENT_REFUSED', 'This system is not entitled.'),
  'not-found': answer(404, 'NOT_FOUND', 'There is no such file.'),
  method: answer(405, 'METHOD_NOT_ALLOWED', 'What is here is read with GET and HEAD.', ['Allow', 'GET, HEAD']),
  unknown: answer(503, 'ENTITLEMENT_UNKNOWN', 'Whether this system is entitled cannot be found out at the moment.'),
  damaged: answer(503, 'CONTENT_DAMAGED', 'This file cannot be read at the moment.'),
};

export type Refusal = keyof typeof ANSWERS | 'unauthenticated';

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
      401,
      'CREDENTIALS_REQUIRED',
      'Present system id and secret with HTTP Basic.',
      challenge,
    );
    this.answers = { ...ANSWERS, unauthenticated };
  }

  send(response: ServerResponse, refusal: Refusal, retryAfterMs?: number): void {
    const { status, headers, body } = this.answers[refusal];
    const more = retryAfterMs === undefined ? [] : ['Retry-After', String(Math.ceil(retryAfterMs / SECOND))];
    response.writeHead(status, [...headers, ...more]).end(body);
  }
}
