/** What a file `.env` says. */
export interface EnvFile {
  readonly entries: ReadonlyMap<string, EnvEntry>;
  /** Whole sentences, which never repeat what stands there: it may be half of a secret. */
  readonly mistakes: readonly string[];
}

export interface EnvEntry {
  readonly text: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

export const NO_ENV_FILE: EnvFile = { entries: new Map(), mistakes: [] };

const NAME = /[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*/y;
const QUOTE = /["'`]/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"|'([^']*)'|`([^`]*)`/y;
const BARE = /[^\n]*/y;
const COMMENT = /(?:^|[ \t])#[^\n]*$/;
const REST = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
const LINE = /[^\n]*(?:\n|$)/y;

/**
 * Reads `NAME=value` line by line: `export` may stand before it, a comment begins with `#` at the start or after a blank,
 * quoted values may go over several lines, and `\n`, `\"` and `\\` mean something in double quotes. Ours and not Node's
 * `parseEnv`, which skips what it cannot read without a word.
 */
export function parseEnvFile(content: string): EnvFile {
  const cursor = new Cursor(content.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  const entries = new Map<string, EnvEntry>();
  const mistakes: string[] = [];
  while (!cursor.isAtEnd) {
    if (cursor.take(REST)) continue;
    const { line } = cursor;
    const mistake = readEntry(cursor, entries, line);
    if (mistake === undefined) continue;
    mistakes.push(`Line ${String(line)} of .env ${mistake}.`);
    cursor.take(LINE);
  }
  return { entries, mistakes };
}

/** Answers what is wrong, if something is. */
function readEntry(cursor: Cursor, entries: Map<string, EnvEntry>, line: number): string | undefined {
  const name = cursor.take(NAME)?.[1];
  if (name === undefined) return 'is not NAME=value';
  const text = cursor.sees(QUOTE) ? unquoted(cursor.take(QUOTED)) : cursor.take(BARE)?.[0].replace(COMMENT, '').trim();
  if (text === undefined) return 'begins with a quote that is not closed';
  const before = entries.get(name);
  if (before !== undefined) return `sets ${name} again, after line ${String(before.line)}`;
  if (!cursor.take(REST)) return 'goes on after the closing quote';
  entries.set(name, { text, line });
  return undefined;
}

function unquoted(match: RegExpExecArray | undefined): string | undefined {
  const [, double, single, tick] = match ?? [];
  const unescaped = double?.replaceAll(/\\([n"\\])/g, (_, character: string) => (character === 'n' ? '\n' : character));
  return unescaped ?? single ?? tick;
}

class Cursor {
  private at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  get line(): number {
    return this.text.slice(0, this.at).split('\n').length;
  }

  sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  /** Moves behind what matches here. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text) ?? undefined;
    this.at += match?.[0].length ?? 0;
    return match;
  }
}
