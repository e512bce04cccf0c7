import { AppError, type ErrorKind } from '#libs/kernel/errors.js';

import { Interrupted } from './interruption.js';

/** Exit status by kind of error; documented in `docs/cli.md` and stable. */
const EXIT_CODE: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  invalid: 2,
  'not-found': 3,
  conflict: 4,
  denied: 5,
  unauthenticated: 5,
  unavailable: 6,
};

/** What was asked for was done by somebody else and did not end well: a run that failed, a snapshot that is damaged. */
export const EXIT_FAILED_OUTCOME = 7;
export const EXIT_USAGE = 2;
/** 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return EXIT_INTERRUPTED;
  return error instanceof AppError ? EXIT_CODE[error.kind] : EXIT_CODE.internal;
}
