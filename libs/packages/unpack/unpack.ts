import { pipeline, Readable, type Duplex } from 'node:stream';
import { type ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';

import { XzReadableStream } from 'xz-decompress';

import { AppError, messageOf } from '#libs/kernel/errors.js';

import { indexUnreadable } from '../indexes/package-index.js';
import { zstd } from './zstd.js';

/**
 * The content of a file, unpacked as the ending of its name says, in chunks; not more than `bytes` of it.
 *
 * @throws AppError `INDEX_UNREADABLE`
 */
export async function* unpack(file: string, packed: Readable, bytes: number): AsyncGenerator<Buffer> {
  let length = 0;
  try {
    for await (const chunk of unpacked(file, packed) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bytes) throw indexUnreadable(file, `is larger than ${String(bytes)} bytes when unpacked`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw indexUnreadable(file, `cannot be unpacked: ${messageOf(error)}`, error);
  } finally {
    packed.destroy();
  }
}

const UNPACKERS: Readonly<Record<string, () => Duplex | undefined>> = {
  '.gz': () => createGunzip(),
  '.zst': () => zstd.createZstdDecompress?.(),
};

function unpacked(file: string, packed: Readable): Readable {
  const ending = /\.(?:gz|xz|zst|bz2|lzma|lz4)$/.exec(file)?.[0];
  if (ending === undefined) return packed;
  if (ending === '.xz') return unxz(packed);
  const unpacker = UNPACKERS[ending]?.();
  if (unpacker === undefined) throw indexUnreadable(file, `is packed in a way that is not read here (${ending})`);
  // What goes wrong in the file reaches whoever reads what is unpacked.
  return pipeline(packed, unpacker, () => undefined);
}

/** Its dictionary is 64 MiB at most, whatever the file asks for. */
function unxz(packed: Readable): Readable {
  const chunks = Readable.toWeb(packed) as globalThis.ReadableStream<Uint8Array>;
  return Readable.fromWeb(new XzReadableStream(chunks) as ReadableStream);
}
