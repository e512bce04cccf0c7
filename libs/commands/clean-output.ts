import { StringDecoder } from 'node:string_decoder';

import { PrivateKeys } from '#libs/observability/private-keys.js';
import { HIDDEN } from '#libs/observability/redact-text.js';

/** Characters shown of a line. */
const LINE_LENGTH = 8_192;
/** Characters kept of a line that has not ended: more than are shown, so that a secret at the cut is still recognised. */
const OPEN_LINE_LENGTH = 2 * LINE_LENGTH;
/** No word longer than this that was cut through is shown: it might be half a secret. */
const CUT_WORD_LENGTH = 1_024;

const ESC = String.fromCharCode(27);
const BEL = String.fromCharCode(7);
/** Terminal sequences: colours and movements, titles and other strings, and the two-byte ones. */
const ANSI = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^${BEL}${ESC}\\n]*(?:${BEL}|${ESC}\\\\)?|[ -/]*[0-~])`,
  'g',
);
/** Control characters but for line ends and tabs, and those that turn the direction of text around. */
const UNPRINTABLE = /[^\P{Cc}\n\t]|[\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const SPACE = /\s/;

/**
 * Turns what a program prints into lines that are safe to keep and to show: UTF-8 whatever the chunks, one line per line
 * or progress update, no terminal sequences, no secrets, nothing endless (trust T-65, T-66). Memory is bounded.
 */
export class OutputCleaner {
  private readonly decoder = new StringDecoder('utf8');
  private open = '';
  private skipping = false;
  /** Keys have many lines, and chunks end anywhere. */
  private readonly keys = new PrivateKeys(HIDDEN);

  constructor(private readonly redact: (text: string) => string) {}

  /** The lines that are whole now. */
  push(chunk: Buffer): string {
    const text = this.unskipped(this.decoder.write(chunk));
    const end = lastLineEnd(text);
    if (end === -1) {
      this.open += text;
      return this.open.length > OPEN_LINE_LENGTH ? this.cutOpenLine() : '';
    }
    const whole = this.open + text.slice(0, end + 1);
    this.open = text.slice(end + 1);
    const cut = this.open.length > OPEN_LINE_LENGTH ? this.cutOpenLine() : '';
    return this.clean(whole) + cut;
  }

  /** What is left when nothing more comes. */
  end(): string {
    const text = this.open + this.unskipped(this.decoder.end());
    this.open = '';
    return text === '' ? '' : this.clean(`${text}\n`);
  }

  private unskipped(text: string): string {
    if (!this.skipping) return text;
    const end = text.search(/[\r\n]/);
    if (end === -1) return '';
    this.skipping = false;
    return text.slice(end + 1);
  }

  private cutOpenLine(): string {
    const kept = this.open.slice(0, wordStart(this.open, OPEN_LINE_LENGTH));
    this.open = '';
    this.skipping = true;
    return this.clean(`${kept}…\n`);
  }

  private clean(text: string): string {
    const lines = text
      .replace(/\r+\n?/g, lineEnds)
      .replace(ANSI, '')
      .replace(UNPRINTABLE, escaped);
    return withShortLines(this.redact(this.keys.hide(lines)));
  }
}

/** Where the word begins that `at` cuts through, or as far back as a word is looked at. */
function wordStart(text: string, at: number): number {
  let start = at;
  while (start > at - CUT_WORD_LENGTH && !SPACE.test(text.charAt(start - 1))) start -= 1;
  return start;
}

/** A carriage return at the very end may be the first half of a line end, so it does not count yet. */
const lastLineEnd = (text: string): number => Math.max(text.lastIndexOf('\n'), text.slice(0, -1).lastIndexOf('\r'));

/** Of a run of carriage returns: those before a line feed belong to it, each other ends a line (a run is looked at once, trust T-140). */
const lineEnds = (run: string): string => (run.endsWith('\n') ? '\n' : '\n'.repeat(run.length));

/** No pattern finds long lines in linear time: it would look ahead anew from each character of a line that is short enough. */
function withShortLines(text: string): string {
  if (text.length <= LINE_LENGTH) return text;
  const short = (line: string): string => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line);
  return text.split('\n').map(short).join('\n');
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
