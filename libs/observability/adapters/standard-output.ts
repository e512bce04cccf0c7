import { fstatSync, writeSync } from 'node:fs';

import { type DestinationStream } from 'pino';

/** What may wait for a reader, in characters: some 20,000 lines. */
const MOST_WAITING = 4 * 1024 * 1024;
const FD = 1;

/**
 * Standard output for log lines, those of one turn of the event loop at once. A reader who reads no more, such as a
 * stopped pager, or a full disk behind it, must not stop what is served (trust I-24): what finds no room is dropped and
 * counted. What a pipe has room for is in it at once, so that a program that ends loses lines only to such a reader.
 */
export class StandardOutput implements DestinationStream {
  private waiting = '';
  private dropped = 0;
  private readonly put: (lines: string, done: (written: boolean) => void) => void;

  /** @param onDropped told when there is room again, with how many lines were lost */
  constructor(private readonly onDropped: (lines: number) => void) {
    // Node's own stream for files never writes again after an error.
    this.put = isStream() ? toStream : toFile;
    process.stdout.on('error', () => undefined); // the callbacks of writing tell it
    process.once('exit', () => {
      this.flush();
    });
  }

  write(line: string): void {
    if (this.waiting.length + process.stdout.writableLength + line.length > MOST_WAITING) {
      this.dropped += 1;
      return;
    }
    if (this.waiting === '') setImmediate(() => this.flush());
    this.waiting += line;
  }

  private flush(): void {
    const lines = this.waiting;
    if (lines === '') return;
    this.waiting = '';
    this.put(lines, (written) => {
      if (written) this.tellDropped();
      else this.dropped += lines.split('\n').length - 1;
    });
  }

  private tellDropped(): void {
    const lines = this.dropped;
    this.dropped = 0;
    if (lines > 0) this.onDropped(lines);
  }
}

function isStream(): boolean {
  const kind = fstatSync(FD);
  return kind.isFIFO() || kind.isSocket() || process.stdout.isTTY;
}

function toStream(lines: string, done: (written: boolean) => void): void {
  process.stdout.write(lines, (error) => done(error === undefined || error === null));
}

function toFile(lines: string, done: (written: boolean) => void): void {
  try {
    writeSync(FD, lines);
  } catch {
    done(false);
    return;
  }
  done(true);
}
