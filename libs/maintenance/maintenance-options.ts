import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

/**
 * What apk-tools has words for is 400 to 408 and 500 to 504, and other clients do no better. Of those, some promise a
 * header that we do not send (401, 405, 407) or ask for the same at once (408).
 */
const STATUSES: ReadonlySet<number> = new Set([400, 402, 403, 404, 406, 500, 501, 502, 503, 504]);
const LONGEST = 24 * 60 * 60;
const LONGEST_ADDRESS = 2_048;

/** @throws AppError `INVALID_MAINTENANCE_OPTION` */
export function maintenanceStatus(text: string): number {
  const status = wholeNumber(text);
  if (status !== undefined && STATUSES.has(status)) return status;
  throw invalid('status', text, `Give one of ${[...STATUSES].join(', ')}: appliances stumble over others.`);
}

/** @throws AppError `INVALID_MAINTENANCE_OPTION` */
export function maintenanceSeconds(name: 'retry' | 'refresh', text: string): number {
  const seconds = wholeNumber(text);
  if (seconds !== undefined && seconds >= 1 && seconds <= LONGEST) return seconds;
  throw invalid(name, text, `Give whole seconds, from 1 to ${String(LONGEST)}.`);
}

/**
 * A path such as `/soon`, or an http(s) address.
 *
 * @throws AppError `INVALID_MAINTENANCE_OPTION`
 */
export function maintenanceRedirect(text: string): string {
  if (isPath(text) || isAddress(text)) return text;
  throw invalid('redirect', text, 'Give a path such as /soon, or an http or https address without user and password.');
}

/** Visible ASCII; what begins with two slashes would name another host. */
const isPath = (text: string): boolean => isShort(text) && /^\/(?![/\\])[!-~]*$/.test(text);

function isAddress(text: string): boolean {
  if (!isShort(text) || !/^https?:\/\/[!-~]+$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

const isShort = ({ length }: string): boolean => length <= LONGEST_ADDRESS;

const wholeNumber = (text: string): number | undefined => (/^\d{1,6}$/.test(text) ? Number(text) : undefined);

const invalid = (name: string, text: string, hint: string): AppError =>
  new AppError('invalid', 'INVALID_MAINTENANCE_OPTION', `"${printable(text)}" is no good for --${name}.`, { hint });
