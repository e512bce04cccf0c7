import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';
import { type Run } from '#libs/syncing/run.js';
import { type RunStore } from '#libs/syncing/run-store.js';

const WHOLE_NUMBER = /^[1-9]\d{0,14}$/;

/** @throws AppError `INVALID_RUN_ID` */
export function runId(text: string): number {
  if (WHOLE_NUMBER.test(text)) return Number(text);
  throw new AppError('invalid', 'INVALID_RUN_ID', `"${printable(text)}" is not a run's number.`, {
    hint: 'run:list shows them.',
  });
}

/** @throws AppError `RUN_NOT_FOUND` */
export async function getRun(runs: RunStore, id: number): Promise<Run> {
  const run = await runs.find(id);
  if (run !== undefined) return run;
  throw new AppError('not-found', 'RUN_NOT_FOUND', `There is no run ${String(id)}.`, {
    hint: 'run:list shows those there are.',
  });
}
