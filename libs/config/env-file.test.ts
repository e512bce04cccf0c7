import fc from 'fast-check';

import { parseEnvFile } from './env-file.js';

const read = (content: string) =>
  Object.fromEntries([...parseEnvFile(content).entries].map(([name, { text }]) => [name, text]));

describe('parseEnvFile', () => {
  it.each([
    ['A=1', '1'],
    ['A=', ''],
    ['  export  A = 1  ', '1'],
    ['A=0 4 * * *', '0 4 * * *'],
    ['A=1 # comment', '1'],
    ['A=1\t#comment', '1'],
    ['A=# comment', ''],
    ['A= # comment', ''],
    ['A=pass#word', 'pass#word'],
    ['A==', '='],
    ['A=it"s', 'it"s'],
    [String.raw`A="a \"b\" \\ \n \t" # comment`, 'a "b" \\ \n \\t'],
    [String.raw`A='a "b" \n'`, String.raw`a "b" \n`],
    ['A=`it\'s "b"`', 'it\'s "b"'],
    ['A="one\n  two # no comment\n"', 'one\n  two # no comment\n'],
    ['A=a\u2028b', 'a\u2028b'],
  ])('reads %j', (line, text) => {
    expect(parseEnvFile(`# before\n${line}\nB=2`.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')).mistakes).toEqual(
      [],
    );
    expect(read(`\uFEFF# before\n\n \n${line}\nB=2`)).toEqual({ A: text, B: '2' });
    expect(read(line)).toEqual({ A: text });
  });

  it('says which lines it cannot read, all of them, without repeating them (I-20)', () => {
    const content = 'A=1\ncanary\n1A=canary\nB="canary\nC="x" canary\nexport canary\nA=canary\nD="\n\n"\n=canary\nE=2';
    expect(parseEnvFile(content).mistakes).toEqual([
      'Line 2 of .env is not NAME=value.',
      'Line 3 of .env is not NAME=value.',
      'Line 4 of .env goes on after the closing quote.', // on line 5
      'Line 6 of .env is not NAME=value.',
      'Line 7 of .env sets A again, after line 1.',
      'Line 11 of .env is not NAME=value.',
    ]);
    expect(read(content)).toEqual({ A: '1', D: '\n\n', E: '2' });
    expect(parseEnvFile('A=1\nB="2\nC=3').mistakes).toEqual(['Line 2 of .env begins with a quote that is not closed.']);
  });

  it('knows the line of each entry, also after one that has several', () => {
    const { entries } = parseEnvFile('\nA="\n\n"\n# x\nB=1');
    expect([...entries].map(([name, { line }]) => [name, line])).toEqual([
      ['A', 2],
      ['B', 6],
    ]);
  });

  it('reads back any value that was quoted, and comes to an end with any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (value, junk) => {
        const text = value.replaceAll('\r', '').replace(/^\uFEFF/, '');
        const quoted = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
        expect(read(`A="${quoted}"`)).toEqual({ A: text });
        const { entries, mistakes } = parseEnvFile(junk);
        expect(entries.size + mistakes.length).toBeLessThanOrEqual(junk.split('\n').length);
      }),
    );
  });
});
