import { AppError } from './errors.js';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };
const DURATION = /^(\d{1,9})(ms|s|m|h|d)?$/;

/**
 * Milliseconds of `90`, `500ms`, `30s`, `10m`, `48h` or `7d`; a bare number counts seconds.
 *
 * @throws AppError `INVALID_DURATION`
 */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text.trim());
  if (match === null) {
    throw new AppError('invalid', 'INVALID_DURATION', `"${text}" is not a duration.`, {
      hint: 'Write a whole number and a unit, such as 30s, 10m, 48h or 7d.',
    });
  }
  return Number(match[1]) * (UNITS[match[2] ?? 's'] ?? SECOND);
}

/** The largest two units of a length of time, as people say it: `3d 4h`, `12m 5s`, `0s`. */
export function formatDuration(milliseconds: number): string {
  let rest = Math.max(0, Math.round(milliseconds / SECOND)) * SECOND;
  const parts: string[] = [];
  for (const [unit, length] of [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
  ] as const) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${String(count)}${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}

export const after = (instant: Date, milliseconds: number): Date => new Date(instant.getTime() + milliseconds);
export const before = (instant: Date, milliseconds: number): Date => new Date(instant.getTime() - milliseconds);
