const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/;
const EPOCH = /^\d{10}(?:\d{3})?$/;
const DIGITS_OF_SECONDS = 10;

/**
 * The end of a licence, or `undefined` when the value is not exactly one of: an ISO 8601 date (its first instant) or
 * date and time, or seconds or milliseconds since 1970 between 2001 and 2286. What has no zone is UTC.
 *
 * JavaScript's own `Date` takes `'0'` for the year 2000 and `'2026-02-30'` for 2 March, hence not here (trust T-111).
 */
export function parseValidUntil(value: unknown): Date | undefined {
  if (typeof value === 'number') return fromEpoch(String(value));
  if (typeof value !== 'string') return undefined;
  return fromEpoch(value) ?? fromIso(DATE.exec(value) ?? DATE_TIME.exec(value));
}

function fromEpoch(digits: string): Date | undefined {
  if (!EPOCH.test(digits) || digits.startsWith('0')) return undefined;
  return new Date(digits.length === DIGITS_OF_SECONDS ? Number(digits) * 1_000 : Number(digits));
}

function fromIso(match: RegExpExecArray | null): Date | undefined {
  if (match === null) return undefined;
  const [year, month, day, hour = 0, minute = 0, second = 0] = numbers(match);
  const offset = offsetMinutes(match[8]);
  const midnight = startOfDay(year, month, day);
  if (midnight === undefined || offset === undefined || !isTime(hour, minute, second)) return undefined;
  return new Date(midnight + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + milliseconds(match[7]));
}

const numbers = (match: RegExpExecArray): readonly number[] => match.slice(1, 7).map((part) => Number(part || 0));

function startOfDay(year = 0, month = 0, day = 0): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() : undefined;
}

const isTime = (hour: number, minute: number, second: number): boolean => hour < 24 && minute < 60 && second < 60;

const milliseconds = (fraction = ''): number => Number(fraction.slice(0, 3).padEnd(3, '0'));

/** Minutes east of Greenwich: real zones lie between -12:00 and +14:00. */
function offsetMinutes(zone = 'Z'): number | undefined {
  if (zone === 'Z') return 0;
  const digits = zone.replaceAll(/\D/g, '');
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  const total = (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
  return minutes < 60 && total >= -12 * 60 && total <= 14 * 60 ? total : undefined;
}
