import { Cron } from 'croner';

import { AppError, messageOf } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

const HINT = 'Write minute, hour, day of month, month and day of week, such as "30 4 * * *" for every day at 4:30.';
/** Any instant: whether an expression ever comes true does not depend on it. */
const SOME_TIME = new Date(0);

/**
 * A cron expression of five fields, with single spaces between them.
 *
 * @throws AppError `INVALID_SCHEDULE`
 */
export function cronExpression(text: string): string {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) throw invalid(text, 'does not have five fields');
  const expression = fields.join(' ');
  if (nextTime(text, expression) === null) throw invalid(text, 'names a date that never comes');
  return expression;
}

function nextTime(text: string, expression: string): Date | null {
  try {
    return new Cron(expression, { mode: '5-part', paused: true, timezone: 'UTC' }).nextRun(SOME_TIME);
  } catch (error) {
    throw invalid(text, `is not understood (${printable(messageOf(error).replace(/^CronPattern: /, ''))})`, error);
  }
}

const invalid = (text: string, problem: string, cause?: unknown): AppError =>
  new AppError('invalid', 'INVALID_SCHEDULE', `The schedule "${printable(text)}" ${problem}.`, { hint: HINT, cause });
