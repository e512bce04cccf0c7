import { STATUS_CODES } from 'node:http';

import { type AppError, type ErrorKind } from '#libs/kernel/errors.js';

/** The one place that knows which status a kind of error has. */
export const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  denied: 403,
  'not-found': 404,
  conflict: 409,
  internal: 500,
  unavailable: 503,
};

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457. `type` is left out, which means `about:blank`; `code` stands in `docs/errors.md`. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
}

/** What may be told about an error of our own. One that is internal tells nothing. */
export function problemOf(error: AppError): Problem {
  const plain = problemOfStatus(STATUS[error.kind]);
  if (error.kind === 'internal') return plain;
  const detail = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  return { ...plain, code: error.code, detail };
}

export const problemOfStatus = (status: number): Problem => ({ title: STATUS_CODES[status] ?? 'Error', status });
