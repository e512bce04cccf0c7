import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

/**
 * The name of an object on a disk: segments joined by `/`, none of them empty, `.` or `..`, no NUL, no backslash, and
 * text that UTF-8 can hold (no half of a surrogate pair, which would come back as another name).
 */
export type ObjectKey = string & { readonly __brand: 'ObjectKey' };

/** The beginning of keys: an object key, followed by `/`; or the empty string for the whole disk. */
export type KeyPrefix = string & { readonly __brand: 'KeyPrefix' };

// NUL ends a name in every system call.
const FORBIDDEN = /[\0\\\p{Surrogate}]/u;

/** Whether one name, of a file or folder, can stand in a key. */
export const isKeySegment = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !FORBIDDEN.test(name);

/**
 * The only way to name an object.
 *
 * @throws AppError `INVALID_OBJECT_KEY`
 */
export function objectKey(...parts: readonly string[]): ObjectKey {
  const key = parts.join('/');
  if (!key.split('/').every(isKeySegment)) {
    throw new AppError('invalid', 'INVALID_OBJECT_KEY', `"${printable(key)}" does not name an object on a disk.`);
  }
  return key as ObjectKey;
}

export const keyPrefix = (...parts: readonly string[]): KeyPrefix =>
  (parts.length === 0 ? '' : `${objectKey(...parts)}/`) as KeyPrefix;
