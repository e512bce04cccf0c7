import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * A date (its first instant, UTC) or an instant with its zone, as ISO 8601 writes them.
 *
 * @throws AppError `INVALID_INSTANT`
 */
export function instant(text: string): Date {
  const parsed = DATE.test(text) ? new Date(text) : undefined;
  // Date turns 30 February into March; what comes out must be what went in.
  const same = parsed && !Number.isNaN(parsed.getTime()) && isRealDay(text);
  if (same) return parsed;
  throw new AppError('invalid', 'INVALID_INSTANT', `"${printable(text)}" is not a time.`, {
    hint: 'Write a date such as 2027-01-31, or a time with its zone such as 2027-01-31T12:00:00Z.',
  });
}

function isRealDay(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
