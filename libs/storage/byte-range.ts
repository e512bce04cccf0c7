import { AppError } from '#libs/kernel/errors.js';

import { type ByteRange } from './disk.js';

/**
 * The part of a range that an object of `size` bytes has, or `undefined` when it has none of it.
 *
 * @throws AppError `INVALID_BYTE_RANGE` for what is no range at all
 */
export function rangeWithin(size: number, range: ByteRange = { start: 0, end: Infinity }): ByteRange | undefined {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || start < 0 || !(end >= start)) {
    throw new AppError('invalid', 'INVALID_BYTE_RANGE', `Bytes ${String(start)} to ${String(end)} are not a range.`);
  }
  return start < size ? { start, end: Math.min(end, size - 1) } : undefined;
}
