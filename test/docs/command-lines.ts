import { type Snippet } from './pages.js';

/** A call of parceler as a page shows it. */
export interface CommandLine {
  readonly place: string;
  readonly words: readonly string[];
}

/** Where a call begins: at the start of a line, or after what the shell lets stand before a command. */
const CALL = /(?:^|[|;&(]\s*|\s)(?:bin\/)?parceler(?=\s|$)/gm;
/** One word: quoted parts and others, up to a space or what ends a command. */
const WORD = /^[ \t]+((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\|;&()<>])+)/;

/** The calls in a shell snippet. Comments and what follows a pipe, a redirection or a `;` belong to none. */
export function commandLines({ file, line, text }: Snippet): readonly CommandLine[] {
  const joined = text.replaceAll(/\\\n\s*/g, ' ').replaceAll(/(^|\s)#.*$/gm, '$1');
  return [...joined.matchAll(CALL)].map((call) => ({
    place: `${file}:${String(line)}`,
    words: wordsOf(joined.slice(call.index + call[0].length)),
  }));
}

function wordsOf(rest: string): readonly string[] {
  const [whole, word] = WORD.exec(rest) ?? [];
  if (whole === undefined || word === undefined) return [];
  return [word.replaceAll(/^(['"])(.*)\1$/gs, '$2'), ...wordsOf(rest.slice(whole.length))];
}

/** The options among the words, without their values. */
export const optionsOf = ({ words }: CommandLine): readonly string[] =>
  words.filter((word) => /^-{1,2}[a-z]/.test(word)).map((word) => word.replace(/=.*$/s, ''));
