const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 9110 section 5.6.7: what is written today, and the two obsolete forms that must still be read. */
const FORMS = [
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/** Milliseconds since 1970, or `undefined` for what is no such date: a condition that holds one is ignored. */
export function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return instantOf(groups);
  }
  return undefined;
}

export const httpDate = (instant: number): string => new Date(instant).toUTCString();

function instantOf({ day, month = '', year = '', time }: Record<string, string>): number | undefined {
  const midnight = Date.UTC(fullYear(year), MONTHS.indexOf(month), Number(day));
  const sinceMidnight = Date.parse(`1970-01-01T${String(time)}Z`); // NaN for 24:00:01 and its like
  const instant = midnight + sinceMidnight;
  const exists = httpDate(instant).slice(5, 11) === `${String(day).trim().padStart(2, '0')} ${month}`;
  return exists ? instant : undefined;
}

/** Two digits mean 1970 to 2069, as POSIX has it. */
function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  return Number(year) + (Number(year) < 70 ? 2_000 : 1_900);
}
