import { exitStatusOf } from '#libs/composition/exit-status.js';

import { Interrupted } from './interruption.js';

/** What was asked for was done by somebody else and did not end well: a run that failed, a snapshot that is damaged. */
export const EXIT_FAILED_OUTCOME = 7;
export const EXIT_USAGE = 2;
/** 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

export const exitCodeOf = (error: unknown): number =>
  error instanceof Interrupted ? EXIT_INTERRUPTED : exitStatusOf(error);
