import { indexUnreadable } from '../indexes/package-index.js';

const BLOCK = 512;

/**
 * The content of one file of a tar archive; nothing when it has none of that name. Archives may follow one another, as
 * apk's signature does before its index.
 *
 * @throws AppError `INDEX_UNREADABLE`
 */
export async function* tarEntry(file: string, chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const archive = new TarReader(file, name);
  for await (const chunk of chunks) {
    yield* archive.take(chunk);
    if (archive.isDone) return;
  }
  if (archive.isInside) throw indexUnreadable(file, 'ends in the middle of an archive');
}

class TarReader {
  isDone = false;
  private held: Buffer = Buffer.alloc(0);
  /** Bytes of the current entry that are still to come, and those that fill its last block. */
  private left = 0;
  private padding = 0;
  private isWanted = false;

  constructor(
    private readonly file: string,
    private readonly name: string,
  ) {}

  get isInside(): boolean {
    return this.left > 0;
  }

  /** Answers with what the chunk holds of the file. */
  *take(chunk: Buffer): Generator<Buffer> {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    do {
      const part = this.cut(Math.min(this.left, this.held.length));
      this.left -= part.length;
      if (this.isWanted && part.length > 0) yield part;
      this.isDone = this.isWanted && this.left === 0;
    } while (!this.isDone && this.nextEntry());
  }

  /** False when its header has not come yet. */
  private nextEntry(): boolean {
    if (this.left > 0 || this.held.length < this.padding + BLOCK) return false;
    this.cut(this.padding);
    const header = this.cut(BLOCK);
    const isEmpty = header[0] === 0; // the end of an archive
    this.left = isEmpty ? 0 : this.sizeIn(header);
    this.padding = (BLOCK - (this.left % BLOCK)) % BLOCK;
    this.isWanted = !isEmpty && nameIn(header) === this.name;
    return true;
  }

  private cut(length: number): Buffer {
    const part = this.held.subarray(0, length);
    this.held = this.held.subarray(length);
    return part;
  }

  private sizeIn(header: Buffer): number {
    const octal = header.toString('latin1', 124, 136).replace(/[\0 ].*$/s, '');
    if (!/^[0-7]+$/.test(octal)) throw indexUnreadable(this.file, 'is no tar archive');
    return parseInt(octal, 8);
  }
}

const nameIn = (header: Buffer): string => header.toString('latin1', 0, 100).replace(/\0.*$/s, '').replace(/^\.\//, '');
