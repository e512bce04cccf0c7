const NAME = '[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----';
const BEGIN = new RegExp(`-----BEGIN ${NAME}`);
const END = new RegExp(`-----END ${NAME}`);
/** More than any key has; whoever begins one and never ends it hides no more than that. */
const MOST_LINES = 500;

/** Hides private keys (PEM, OpenSSH, PGP) in text that comes piece by piece, in whole lines. */
export class PrivateKeys {
  private linesLeft = 0;

  constructor(private readonly hidden: string) {}

  hide(text: string): string {
    if (this.linesLeft === 0 && !text.includes('PRIVATE KEY')) return text;
    const lines = text.split('\n');
    const ended = lines.pop() ?? ''; // what follows the last line end, mostly nothing
    const shown = lines.flatMap((line) => this.lineOf(line) ?? []).map((line) => `${line}\n`);
    return shown.join('') + (ended === '' ? '' : (this.lineOf(ended) ?? ''));
  }

  /** What may be seen of a line, or `undefined` when it lies within a key. */
  private lineOf(line: string): string | undefined {
    if (this.linesLeft > 0) {
      const end = END.exec(line);
      this.linesLeft = end === null ? this.linesLeft - 1 : 0;
      const rest = end === null ? '' : line.slice(end.index + end[0].length);
      return rest.trim() === '' ? undefined : this.lineOf(rest);
    }
    const begin = BEGIN.exec(line);
    if (begin === null) return line;
    this.linesLeft = MOST_LINES;
    const behind = line.slice(begin.index + begin[0].length);
    return line.slice(0, begin.index) + this.hidden + (behind === '' ? '' : (this.lineOf(behind) ?? ''));
  }
}
