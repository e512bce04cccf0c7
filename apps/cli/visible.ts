/** What acts on a terminal, or turns the direction of text, instead of being seen: file names may have it (trust T-131). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;
/** What JSON leaves as it is. */
const UNSEEN_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

const KEPT: ReadonlySet<string> = new Set(['\n', '\t']);

/** Text fit for a terminal, with line ends and tabs. */
export const visible = (text: string): string =>
  text.replaceAll(UNSEEN, (character) => (KEPT.has(character) ? character : escaped(character)));

/** Text fit for one line of a terminal. */
export const visibleLine = (text: string): string => text.replaceAll(UNSEEN, escaped);

/** JSON fit for a terminal; it means the same. */
export const visibleJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(UNSEEN_IN_JSON, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${hex(character.charCodeAt(unit)).padStart(4, '0')}`,
    ).join(''),
  );

const escaped = (character: string): string => `\\u{${hex(character.codePointAt(0) ?? 0)}}`;
const hex = (code: number): string => code.toString(16);
