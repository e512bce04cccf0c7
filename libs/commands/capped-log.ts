export interface LogLimits {
  /** So many bytes pass as they come. */
  readonly headBytes: number;
  /** Of what comes afterwards, the last so many bytes are kept for the end. */
  readonly tailBytes: number;
}

/** What a run's log may cost (plan: run logs are rows). */
export const RUN_LOG_LIMITS: LogLimits = { headBytes: 512 * 1024, tailBytes: 64 * 1024 };

/** Keeps the beginning and the end of a log of any length, in bounded memory. */
export class CappedLog {
  private headLeft: number;
  private tail: string[] = [];
  private tailBytes = 0;
  private leftOut = 0;

  constructor(private readonly limits: LogLimits = RUN_LOG_LIMITS) {
    this.headLeft = limits.headBytes;
  }

  /** What is to be written now of a further piece. */
  push(text: string): string {
    if (this.headLeft === 0) {
      this.keep(text);
      return '';
    }
    const bytes = Buffer.from(text);
    if (bytes.length <= this.headLeft) {
      this.headLeft -= bytes.length;
      return text;
    }
    const cut = characterStart(bytes, this.headLeft);
    this.headLeft = 0;
    this.keep(bytes.toString('utf8', cut));
    return bytes.toString('utf8', 0, cut);
  }

  /** What is still to be written when nothing more comes. */
  end(): string {
    const tail = Buffer.from(this.tail.join(''));
    const cut = tail.length > this.limits.tailBytes ? lineStart(tail, tail.length - this.limits.tailBytes) : 0;
    const missing = this.leftOut + cut;
    this.tail = [];
    if (missing === 0) return tail.toString('utf8');
    return `\n… ${String(Math.ceil(missing / 1024))} KiB left out …\n${tail.toString('utf8', cut)}`;
  }

  private keep(text: string): void {
    const bytes = Buffer.from(text);
    const cut = Math.max(0, bytes.length - 2 * this.limits.tailBytes); // a piece of any size must not stay whole
    this.leftOut += cut;
    this.tail.push(cut === 0 ? text : bytes.toString('utf8', characterStart(bytes, cut)));
    this.tailBytes += bytes.length - cut;
    while (this.tailBytes > this.limits.tailBytes) {
      const first = Buffer.byteLength(this.tail[0] ?? '');
      if (this.tailBytes - first < this.limits.tailBytes) return; // a part of it is still wanted
      this.tail.shift();
      this.tailBytes -= first;
      this.leftOut += first;
    }
  }
}

/** The first byte at or after `from` that begins a character. */
function characterStart(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}

/** The first line that begins at or after `from`, or the first character when no line does. */
function lineStart(bytes: Buffer, from: number): number {
  const newline = bytes.indexOf(0x0a, from - 1);
  return newline === -1 || newline + 1 === bytes.length ? characterStart(bytes, from) : newline + 1;
}
