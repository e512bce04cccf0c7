import { Cron } from 'croner';

import { AppError, messageOf } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

const HINT = 'Write minute, hour, day of month, month and day of week, such as "30 4 * * *" for every day at 4:30.';
/** Any instant: whether an expression ever comes true does not depend on it. */
const SOME_TIME = new Date(0);

/**
 * A cron expression of five fields that comes true some day, with single spaces between them.
 *
 * @throws AppError `INVALID_SCHEDULE`
 */
export function cronExpression(text: string): string {
  if (parseCron(text).nextRun(SOME_TIME) === null) throw invalid(text, 'names a date that never comes');
  return fieldsOf(text).join(' ');
}

/**
 * What a cron expression of five fields means, matched against the UTC fields of a date.
 *
 * @throws AppError `INVALID_SCHEDULE`
 */
export function parseCron(text: string): Cron {
  const fields = fieldsOf(text);
  if (fields.length !== 5) throw invalid(text, 'does not have five fields');
  try {
    return new Cron(fields.join(' '), { mode: '5-part', paused: true, utcOffset: 0 });
  } catch (error) {
    throw invalid(text, `is not understood (${printable(messageOf(error).replace(/^CronPattern: /, ''))})`, error);
  }
}

const fieldsOf = (text: string): readonly string[] => text.trim().split(/\s+/);

const invalid = (text: string, problem: string, cause?: unknown): AppError =>
  new AppError('invalid', 'INVALID_SCHEDULE', `The schedule "${printable(text)}" ${problem}.`, { hint: HINT, cause });
