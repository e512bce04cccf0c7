import { SaxesParser } from 'saxes';

import { messageOf } from '#libs/kernel/errors.js';

import { indexUnreadable } from './package-index.js';

export interface XmlHandlers {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly close: (name: string, text: string) => void;
}

/**
 * Reads XML as it comes; after each chunk it is the caller's turn. Entities that the file itself declares are errors, so
 * that nothing in it can grow.
 *
 * @param longest what may stand between two tags
 * @throws AppError `INDEX_UNREADABLE`
 */
export async function* readElements(
  file: string,
  chunks: AsyncIterable<Buffer>,
  longest: number,
  handlers: XmlHandlers,
): AsyncGenerator<undefined> {
  const parser = new SaxesParser();
  let text = '';
  let lastTag = 0;
  parser.on('error', (error) => {
    throw indexUnreadable(file, `is no well-formed XML: ${messageOf(error)}`);
  });
  parser.on('opentag', ({ name, attributes }) => {
    text = '';
    lastTag = parser.position;
    handlers.open(name, attributes);
  });
  parser.on('text', (more) => (text += more));
  parser.on('closetag', ({ name }) => {
    lastTag = parser.position;
    handlers.close(name, text.trim());
    text = '';
  });
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    parser.write(decoder.decode(chunk, { stream: true }));
    if (parser.position - lastTag > longest) throw indexUnreadable(file, 'has too much between two tags');
    yield;
  }
  parser.close();
}
