import { close, constants, createReadStream, fstat, open, read, type Stats } from 'node:fs';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

import { AppError } from '#libs/kernel/errors.js';

import { rangeWithin } from '../byte-range.js';
import { type ByteRange } from '../disk.js';
import { diskFailure } from '../disk-failure.js';
import { type ObjectKey } from '../object-key.js';
import { isNotThere } from './local-walk.js';

const openFile = promisify(open);
const closeFile = promisify(close);
const stateOf: (descriptor: number) => Promise<Stats> = promisify(fstat);

// A FIFO must not hang us, and a link is no object (trust T-36).
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The bytes of an object as they are now; who replaces it meanwhile replaces its name, not what is read here. */
export async function readObject(path: string, key: ObjectKey, range?: ByteRange): Promise<Readable> {
  const descriptor = await openObject(path, key);
  try {
    const state = await stateOf(descriptor);
    if (!state.isFile()) throw notFound(key);
    const wanted = rangeWithin(state.size, range);
    if (wanted !== undefined) return streamOf(descriptor, key, wanted);
  } catch (error) {
    await closeFile(descriptor);
    throw diskFailure(error, `read "${key}"`);
  }
  await closeFile(descriptor);
  return Readable.from([]);
}

export const notFound = (key: ObjectKey): AppError =>
  new AppError('not-found', 'OBJECT_NOT_FOUND', `"${key}" is not on this disk.`);

async function openObject(path: string, key: ObjectKey): Promise<number> {
  try {
    return await openFile(path, READ_ONLY);
  } catch (error) {
    throw isNotThere(error) ? notFound(key) : diskFailure(error, `read "${key}"`);
  }
}

type ReadCall = [number, Buffer, number, number, number, (error: Error | null, bytes: number, buffer: Buffer) => void];

function streamOf(descriptor: number, key: ObjectKey, { start, end }: ByteRange): Readable {
  const readOrExplain = (...[file, buffer, offset, length, position, done]: ReadCall): void => {
    read(file, buffer, offset, length, position, (error, bytes, filled) => {
      done(error && diskFailure(error, `read "${key}"`), bytes, filled);
    });
  };
  return createReadStream('', { fd: descriptor, start, end, fs: { read: readOrExplain as typeof read, close } });
}
