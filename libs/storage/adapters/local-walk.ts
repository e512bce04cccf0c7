import { isUtf8 } from 'node:buffer';
import { type Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

import { byBytes } from '#libs/kernel/byte-order.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { type ObjectInfo } from '../disk.js';
import { diskFailure } from '../disk-failure.js';
import { isKeySegment, type KeyPrefix, type ObjectKey } from '../object-key.js';

/** Asked for at once; more gains nothing on the thread pool's few threads. */
const STATS_AT_ONCE = 64;
const ENTRIES_AT_ONCE = 1_024;

/** What the system says of a path at which no object can stand. */
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR']);
export const isNotThere = (error: unknown): boolean => NOT_THERE.has(systemCode(error));

export async function objectAt(path: string, key: ObjectKey): Promise<ObjectInfo | undefined> {
  try {
    const state = await lstat(path);
    return state.isFile() ? { key, size: state.size, modifiedAt: modifiedAt(state) } : undefined;
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw diskFailure(error, `look at "${key}"`);
  }
}

/** A file that has other names keeps the time that it has there; when it got this one, or was touched, the inode tells. */
const modifiedAt = ({ nlink, mtime, ctime }: Stats): Date => (nlink > 1 && ctime > mtime ? ctime : mtime);

/** The regular files below a prefix in byte order of key, in batches. Holds the names of one folder per level. */
export async function* walk(root: string, prefix: KeyPrefix, skip: string): AsyncGenerator<readonly ObjectInfo[]> {
  let files: string[] = [];
  for (const name of await sortedEntries(root, prefix, skip)) {
    const key = `${prefix}${name}`;
    if (!name.endsWith('/')) files.push(key);
    if (name.endsWith('/') || files.length === STATS_AT_ONCE) {
      yield await present(root, files);
      files = [];
    }
    if (name.endsWith('/')) yield* walk(root, key as KeyPrefix, skip);
  }
  yield await present(root, files);
}

export async function* foldersIn(root: string, prefix: KeyPrefix, skip: string): AsyncGenerator<string> {
  const entries = await sortedEntries(root, prefix, skip);
  const names = entries.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1));
  // Sorted with its slash, "a" comes after "a.b"; alone it comes before.
  yield* names.sort(byBytes);
}

async function present(root: string, keys: readonly string[]): Promise<ObjectInfo[]> {
  const infos = await Promise.all(keys.map((key) => objectAt(join(root, key), key as ObjectKey)));
  return infos.filter((info) => info !== undefined);
}

/**
 * The names in a folder as keys order them: a folder has its slash, since "a.b" stands before "a/b".
 *
 * They are sorted as Latin-1 strings, one character for each byte: half the memory, and the order of the bytes.
 */
async function sortedEntries(root: string, prefix: KeyPrefix, skip: string): Promise<string[]> {
  const bytes: string[] = [];
  try {
    // Buffers, or Node looks for the decoded name where the file system does not tell what an entry is.
    const folder = await opendir(join(root, prefix), {
      encoding: 'buffer' as BufferEncoding,
      bufferSize: ENTRIES_AT_ONCE,
    });
    for await (const entry of folder) {
      const name = entry.name as unknown as Buffer;
      if (entry.isFile()) bytes.push(name.toString('latin1'));
      if (entry.isDirectory()) bytes.push(`${name.toString('latin1')}/`);
    }
  } catch (error) {
    if (isNotThere(error)) return [];
    throw diskFailure(error, `list "${prefix}"`);
  }
  return bytes.sort().flatMap((name) => keyName(name, prefix === '' ? skip : ''));
}

function keyName(latin1: string, skip: string): string[] {
  const bytes = Buffer.from(latin1, 'latin1');
  if (!isUtf8(bytes)) return [];
  const name = bytes.toString('utf8');
  const segment = name.endsWith('/') ? name.slice(0, -1) : name;
  return segment !== skip && isKeySegment(segment) ? [name] : [];
}
