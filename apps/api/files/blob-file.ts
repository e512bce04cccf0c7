import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, type ReadStream } from 'node:fs';

import { systemCode } from '#libs/kernel/system-code.js';
import { type ByteRange } from '#libs/storage/disk.js';

/** The content is not what the catalog says: missing, or of another size. */
export class DamagedBlob extends Error {}

/** @param found `undefined` when there is no such content */
export function assertSize(found: number | undefined, size: number): void {
  if (found === size) return;
  throw new DamagedBlob(
    found === undefined ? 'content is missing' : `content is ${String(found)} bytes long instead of ${String(size)}`,
  );
}

/**
 * Opens a blob and makes sure that it has the right size. These calls block, for some microseconds on a local disk, which
 * is far less than promises would cost.
 */
export function openBlob(path: string, size: number): number {
  const fd = openExisting(path);
  try {
    const found = fstatSync(fd);
    assertSize(found.isFile() ? found.size : undefined, size);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Blobs are regular files: a link is not followed, a pipe not waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function openExisting(path: string): number {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    if (NOT_THERE.has(systemCode(error))) {
      throw new DamagedBlob('content is missing', { cause: error });
    }
    throw error;
  }
}

/** Reads and closes. */
export function readWhole(fd: number, { start, end }: ByteRange): Buffer {
  try {
    const length = end - start + 1;
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(fd, bytes, 0, length, start) !== length) throw new DamagedBlob('content is shorter than it was');
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/** 64 KiB: larger chunks are hardly faster, and each stalled client holds two of them. */
const CHUNK = 64 * 1024;

/** Reads piece by piece as the client takes them, and closes when that ends in whatever way. */
export const streamOf = (fd: number, { start, end }: ByteRange): ReadStream =>
  createReadStream('', { fd, start, end, highWaterMark: CHUNK });
