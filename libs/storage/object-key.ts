import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

/** The name of an object on a disk: segments joined by `/`, none of them empty, `.` or `..`, no NUL, no backslash. */
export type ObjectKey = string & { readonly __brand: 'ObjectKey' };

/** The beginning of keys: an object key, followed by `/`; or the empty string for the whole disk. */
export type KeyPrefix = string & { readonly __brand: 'KeyPrefix' };

// eslint-disable-next-line no-control-regex -- NUL ends a name in every system call
const FORBIDDEN = /[\0\\]/;

/**
 * The only way to name an object.
 *
 * @throws AppError `INVALID_OBJECT_KEY`
 */
export function objectKey(...parts: readonly string[]): ObjectKey {
  const key = parts.join('/');
  const wellFormed = key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (!wellFormed || FORBIDDEN.test(key)) {
    throw new AppError('invalid', 'INVALID_OBJECT_KEY', `"${printable(key)}" does not name an object on a disk.`);
  }
  return key as ObjectKey;
}

export const keyPrefix = (...parts: readonly string[]): KeyPrefix =>
  (parts.length === 0 ? '' : `${objectKey(...parts)}/`) as KeyPrefix;
