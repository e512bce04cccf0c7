import { AppError } from '#libs/kernel/errors.js';

import { type Run } from './run.js';
import { type RunStore } from './run-store.js';

/** @throws AppError `RUN_NOT_FOUND` */
export async function getRun(runs: RunStore, id: number): Promise<Run> {
  const run = await runs.find(id);
  if (run !== undefined) return run;
  throw new AppError('not-found', 'RUN_NOT_FOUND', `There is no run ${String(id)}.`, {
    hint: 'run:list shows those there are.',
  });
}
