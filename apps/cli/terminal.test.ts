import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

import fc from 'fast-check';

import { AppError } from '#libs/kernel/errors.js';

import { Terminal } from './terminal.js';
import { visibleJson, visibleLine } from './visible.js';

/** Turns what follows around, clears the screen, ends the line, colours in one byte, and is half a character. */
const NASTY = 'a\u202eb\u001b[2Jc\nd\u009b31me\ud800f';
const SHOWN = String.raw`a\u{202e}b\u{1b}[2Jc\u{a}d\u{9b}31me\u{d800}f`;

const written = (use: (terminal: Terminal) => void, columns?: number): string => {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: columns !== undefined, columns });
  const terminal = stream as unknown as NodeJS.WriteStream;
  use(new Terminal(terminal, terminal));
  return String(stream.read());
};

describe('Terminal', () => {
  it.each<[string, (terminal: Terminal) => void, string]>([
    ['a line', (terminal) => terminal.say(NASTY), `${SHOWN}\n`],
    ['a warning', (terminal) => terminal.warn(NASTY), `warning: ${SHOWN}\n`],
    ['a fact', (terminal) => terminal.facts({ name: NASTY }), `name  ${SHOWN}\n`],
    ['a cell', (terminal) => terminal.list([{}], { NAME: () => NASTY }, { empty: '' }), `NAME\n${SHOWN}\n`],
    ['text', (terminal) => terminal.write('a\t\u202eb\nc\n'), 'a\t\\u{202e}b\nc\n'],
    [
      'an error',
      (terminal) => terminal.fail(new AppError('conflict', 'X', 'no \u202e', { hint: 'a\nb' })),
      'error: no \\u{202e} a b (X)\n',
    ],
  ])('shows %s with what cannot be seen escaped (T-131)', (_, use, shown) => {
    expect(written(use)).toBe(shown);
  });

  describe('with more in a row than the terminal is wide', () => {
    const why = 'the command failed with exit code 3 and said so in rather many words';
    const list = (terminal: Terminal): void =>
      terminal.list(
        [{}, {}],
        { RUN: () => '1', REPOSITORY: () => 'vendor-packages', OUTCOME: () => why },
        { empty: '' },
      );

    it('lets the widest column go over several lines, and leaves the others whole', () => {
      const lines = stripVTControlCharacters(written(list, 60)).trimEnd().split(/ *\n/);
      expect(lines).toEqual([
        'RUN  REPOSITORY       OUTCOME',
        '1    vendor-packages  the command failed with exit code 3',
        '                      and said so in rather many words',
        '1    vendor-packages  the command failed with exit code 3',
        '                      and said so in rather many words',
      ]);
    });

    it('keeps a row in a line where there is no terminal, for grep', () => {
      expect(written(list).split('\n')[1]).toBe(`1    vendor-packages  ${why}`);
    });

    it('indents what a fact is too long for', () => {
      const facts = (terminal: Terminal): void => terminal.facts({ state: 'failed', error: why });
      expect(written(facts, 60)).toBe(
        'state  failed\nerror  the command failed with exit code 3 and said so in\n       rather many words\n',
      );
    });
  });

  it('prints JSON that means the same, and in which nothing acts on a terminal (T-131)', () => {
    const file = { path: `${NASTY}\u{e0001}` };
    const json = written((terminal) => terminal.json(file));
    expect(JSON.parse(json)).toEqual(file);
    expect(json).toMatch(/^[\x20-\x7e\n]+$/);
  });
});

it('leaves nothing unseen in any text, and does not touch what can be seen (T-131)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleLine(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u);
      expect(visibleJson(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(visibleJson(text))).toBe(text);
    }),
  );
  expect(visibleLine('pool/é 漢 🐡 "x" \\n.deb')).toBe('pool/é 漢 🐡 "x" \\n.deb');
});
