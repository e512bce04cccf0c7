import { type Duplex } from 'node:stream';
import zlib, { type ZlibOptions } from 'node:zlib';

interface ZstdOfNode {
  readonly createZstdDecompress?: () => Duplex;
  readonly zstdDecompress?: (
    packed: Uint8Array,
    options: ZlibOptions,
    done: (error: Error | null, unpacked: Buffer) => void,
  ) => void;
}

/** Node has it since 22.15; its window is 128 MiB at most, whatever a file asks for. */
export const zstd: ZstdOfNode = zlib as object;
