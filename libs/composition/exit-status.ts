import { AppError, type ErrorKind } from '#libs/kernel/errors.js';

/** Exit status by kind of error, of every program; documented in `docs/cli.md` and stable. */
const EXIT_STATUS: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  invalid: 2,
  'not-found': 3,
  conflict: 4,
  denied: 5,
  unauthenticated: 5,
  unavailable: 6,
};

export const exitStatusOf = (error: unknown): number =>
  error instanceof AppError ? EXIT_STATUS[error.kind] : EXIT_STATUS.internal;
