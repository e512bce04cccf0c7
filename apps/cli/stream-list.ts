import { type Row, type Terminal } from './terminal.js';
import { visibleJson, visibleLine } from './visible.js';

export interface Streamed {
  /** What a line shows, with tabs between. */
  readonly columns: readonly string[];
  readonly view: Row;
}

/** Lines are written together, since each write costs more than the line. */
const CHARACTERS_AT_ONCE = 64 * 1024;

/**
 * A listing that may be too long for a table: a line for each thing as it comes, with tabs between the columns, or the same
 * array of objects that `--json` prints elsewhere. Answers how many there were.
 */
export async function streamList(
  terminal: Terminal,
  items: AsyncIterable<Streamed>,
  { json = false }: { readonly json?: boolean },
): Promise<number> {
  let count = 0;
  let text = '';
  for await (const { columns, view } of items) {
    text += json ? `${count === 0 ? '[' : ',\n '}${visibleJson(view)}` : `${columns.map(visibleLine).join('\t')}\n`;
    count += 1;
    if (text.length < CHARACTERS_AT_ONCE) continue;
    // A million lines must not pile up in front of a slow reader.
    if (!terminal.write(text)) await terminal.drained();
    text = '';
  }
  terminal.write(json ? `${text}${count === 0 ? '[]' : ']'}\n` : text);
  return count;
}
