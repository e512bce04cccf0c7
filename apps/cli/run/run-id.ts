import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

const WHOLE_NUMBER = /^[1-9]\d{0,14}$/;

/** @throws AppError `INVALID_RUN_ID` */
export function runId(text: string): number {
  if (WHOLE_NUMBER.test(text)) return Number(text);
  throw new AppError('invalid', 'INVALID_RUN_ID', `"${printable(text)}" is not a run's number.`, {
    hint: 'run:list shows them.',
  });
}
