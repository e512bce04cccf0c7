import { dirname } from 'node:path/posix';

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
  if (!key.split('/').every(isKeySegment)) throw invalidKey(`"${printable(key)}" does not name an object on a disk.`);
  return key as ObjectKey;
}

export const keyPrefix = (...parts: readonly string[]): KeyPrefix =>
  (parts.length === 0 ? '' : `${objectKey(...parts)}/`) as KeyPrefix;

/** The name that stands before the slash: on a local disk, of the folder itself. */
export const asKey = (prefix: KeyPrefix): ObjectKey => prefix.slice(0, -1) as ObjectKey;

/** @throws AppError `INVALID_OBJECT_KEY` */
export function assertSameFolder(one: KeyPrefix, other: KeyPrefix): void {
  if (one !== '' && other !== '' && dirname(one) === dirname(other)) return;
  throw invalidKey(`"${printable(one)}" and "${printable(other)}" do not stand in the same folder of a disk.`);
}

const invalidKey = (message: string): AppError => new AppError('invalid', 'INVALID_OBJECT_KEY', message);
