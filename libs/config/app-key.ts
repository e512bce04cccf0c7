import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { makeFolders } from '#libs/files/make-folders.js';
import { FOLDER_MODE } from '#libs/files/modes.js';
import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { appKey } from './value-kinds.js';

/** A new `APP_KEY`, as it is written into the environment. */
export const generateAppKey = (): string => randomBytes(32).toString('base64');

/**
 * The key kept in a file, which is made when it is missing. Processes that start at once agree on one key, and none sees
 * a part of it.
 *
 * @throws AppError `APP_KEY_NOT_KEPT`, `APP_KEY_DAMAGED`
 */
export function keptAppKey(file: string): Buffer {
  try {
    return read(file) ?? make(file);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('unavailable', 'APP_KEY_NOT_KEPT', `The key file ${file} can be neither read nor made.`, {
      hint: 'Set APP_KEY, or make the folder writable.',
      cause,
    });
  }
}

function read(file: string): Buffer | undefined {
  const text = contentOf(file);
  if (text === undefined) return undefined;
  const key = appKey.parse(text.trim());
  if (key !== undefined) return key;
  throw new AppError('invalid', 'APP_KEY_DAMAGED', `The key file ${file} does not hold a key.`, {
    hint: 'Restore it from a backup; when it is removed a new key is made, and every registered secret has to be set again.',
  });
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function make(file: string): Buffer {
  makeFolders(dirname(file), FOLDER_MODE);
  const draft = `${file}.${randomUUID()}`;
  try {
    writeDurably(draft, `${generateAppKey()}\n`);
    publish(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  const key = read(file);
  if (key === undefined) throw new Error(`${file} went away while it was made`);
  return key;
}

function writeDurably(file: string, content: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A link, unlike a rename, fails when somebody else was first: then theirs is the key. */
function publish(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}
