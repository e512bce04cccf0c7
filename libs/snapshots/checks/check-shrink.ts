import { counted } from '#libs/kernel/counted.js';

/** How much a list holds. */
export interface Totals {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Why a new list must not be served as it is, or `undefined`: upstream is emptied, or has lost more than the fraction
 * `shrink` of its files or bytes (trust T-57).
 *
 * @param before the last list that was good: what was held does not become the measure of what follows
 */
export function reasonToHold(now: Totals, before: Totals | undefined, shrink: number): string | undefined {
  if (before === undefined || before.files === 0) return undefined;
  if (now.files === 0) return `The source is empty; it had ${counted(before.files, 'file')} before.`;
  const fewer = lost('files', now.files, before.files, shrink);
  return fewer ?? lost('bytes', now.bytes, before.bytes, shrink);
}

function lost(what: string, now: number, before: number, shrink: number): string | undefined {
  if (before - now <= before * shrink) return undefined;
  const percent = Math.floor(((before - now) / before) * 100);
  return `The source lost ${String(percent)} % of its ${what}: it had ${String(before)} and has ${String(now)}.`;
}
