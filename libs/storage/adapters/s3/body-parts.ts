import { type Readable } from 'node:stream';

/** A body that fits into one part, whole; another one as parts of that size, of which only the last may be shorter. */
export async function parted(body: Readable | Uint8Array, size: number): Promise<Buffer | AsyncIterable<Buffer>> {
  const parts = inParts(body, size);
  const first = await parts.next();
  if (first.done === true) return Buffer.alloc(0);
  const second = await parts.next();
  return second.done === true ? first.value : withFirst([first.value, second.value], parts);
}

async function* withFirst(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

async function* inParts(body: Readable | Uint8Array, size: number): AsyncGenerator<Buffer, undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array | string>)) {
    for (let rest = Buffer.from(chunk); rest.length > 0;) {
      const piece = rest.subarray(0, size - length);
      rest = rest.subarray(piece.length);
      chunks.push(piece);
      length += piece.length;
      if (length < size) continue;
      yield Buffer.concat(chunks, length);
      chunks = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(chunks, length);
  return undefined;
}
