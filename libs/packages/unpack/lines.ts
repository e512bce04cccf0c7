import { indexUnreadable } from '../indexes/package-index.js';

/**
 * The lines of a text, a chunk's at a time, none longer than `longest`.
 *
 * @throws AppError `INDEX_UNREADABLE`
 */
export async function* lines(
  file: string,
  chunks: AsyncIterable<Buffer>,
  longest: number,
): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const found = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = found.pop() ?? '';
    if (rest.length > longest) throw indexUnreadable(file, `has a line of more than ${String(longest)} characters`);
    yield found;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}
