import fc from 'fast-check';

import { timesAsLong } from '#libs/kernel/testing/times-as-long.js';
import { redactText } from '#libs/observability/redact-text.js';

import { OutputCleaner } from './clean-output.js';

function cleaned(...chunks: readonly (string | Buffer)[]): string {
  const cleaner = new OutputCleaner(redactText);
  return chunks.map((chunk) => cleaner.push(Buffer.from(chunk))).join('') + cleaner.end();
}

describe('OutputCleaner', () => {
  it.each([
    ['plain lines', 'one\ntwo\n', 'one\ntwo\n'],
    ['a last line without an end', 'one', 'one\n'],
    ['tabs and foreign letters', 'a\tä 漢 🐡\n', 'a\tä 漢 🐡\n'],
    ['DOS line ends', 'one\r\ntwo\r\n', 'one\ntwo\n'],
    ['several carriage returns before a line end', 'one\r\r\ntwo\r\rthree\n', 'one\ntwo\n\nthree\n'],
    ['progress that overwrites itself', ' 1%\r 2%\r 3%\n', ' 1%\n 2%\n 3%\n'],
    ['colours', '\u001b[1;31mred\u001b[0m\n', 'red\n'],
    ['window titles', '\u001b]0;evil\u0007text\u001b]8;;http://x\u001b\\link\n', 'textlink\n'],
    ['cursor movements', '\u001b[2K\u001b[1A\u001bcdone\n', 'done\n'],
    ['other control bytes', 'a\u0000b\u0007c\u009bd\n', 'a\\x00b\\x07c\\x9bd\n'],
    ['line and direction tricks', 'a\u2028b\u202ec\n', 'a\\u2028b\\u202ec\n'],
    ['secrets, also with a colour in them', 'pass\u001b[0mword=CANARY\n', 'password=***\n'],
  ])('cleans %s (T-66)', (_, text, expected) => {
    expect(cleaned(text)).toBe(expected);
  });

  it('marks bytes that are not UTF-8', () => {
    expect(cleaned(Buffer.from([0x61, 0xff, 0x62, 0x0a]))).toBe('a�b\n');
  });

  it('gives the same however the bytes are cut into chunks', () => {
    const bytes = Buffer.from('ä\r\n\u001b[1mfett\u001b[0m漢🐡\r50%\rtoken=CANARY\n\nend');
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(cleaned(...chunks)).toBe('ä\nfett漢🐡\n50%\ntoken=***\n\nend\n');
      }),
    );
  });

  it('shows whole lines as they come, and a begun one at the end', () => {
    const cleaner = new OutputCleaner(redactText);
    expect(cleaner.push(Buffer.from('one\ntw'))).toBe('one\n');
    expect(cleaner.push(Buffer.from('o'))).toBe('');
    expect(cleaner.end()).toBe('two\n');
  });

  it('cuts a line of 64 MB without keeping it, and goes on with the next one (T-66)', () => {
    const cleaner = new OutputCleaner(redactText);
    const chunk = Buffer.alloc(65_536, 'x ');
    const shown: string[] = [];
    for (let index = 0; index < 1_024; index += 1) shown.push(cleaner.push(chunk));
    shown.push(cleaner.push(Buffer.from('\nnext\n')), cleaner.end());
    const [long = '', next] = shown.join('').split('\n');
    expect(long).toHaveLength(8_193);
    expect(next).toBe('next');
  });

  it.each([
    ['open, of one word', 'x', 17_000],
    ['open, of many words', 'x ', 17_000],
    ['short enough', 'x', 8_000],
    ['of addresses', 'http://a:b', 8_000],
    ['of a secret word', 'pass ', 8_000],
    ['of carriage returns', '\r', 8_000],
    ['of control bytes', '\u0000', 8_000],
    ['of begun terminal sequences', '\u001b[', 8_000],
    ['of one begun terminal sequence and digits', '0', 8_000, '\u001b['],
  ])('takes as long for a long line as for 16 short ones, %s (T-140)', (_, piece, length, first = '') => {
    const line = (letters: number) => `${first}${piece.repeat(letters / piece.length)}.\n`;
    const long = Buffer.from(line(length).repeat(8));
    const short = Buffer.from(line(Math.ceil(length / 160) * 10).repeat(128));
    expect(
      timesAsLong(
        () => cleaned(long),
        () => cleaned(short),
      ),
    ).toBeLessThan(6);
  });

  it('hides a private key whatever the chunks it comes in (T-66)', () => {
    const text = `a\n-----BEGIN RSA PRIVATE KEY-----\n${'CANARY\n'.repeat(50)}-----END RSA PRIVATE KEY-----\nb\n`;
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        expect(cleaned(...at.slice(1).map((end, index) => text.slice(at[index], end)))).toBe('a\n***\nb\n');
      }),
    );
  });

  it('hides no more than 500 lines behind the beginning of a key that does not end', () => {
    const lines = cleaned(`-----BEGIN PRIVATE KEY-----\n${'x\n'.repeat(600)}`).split('\n');
    expect(lines.filter((line) => line === 'x')).toHaveLength(100);
  });

  it('cuts a long line within one chunk', () => {
    expect(cleaned(`${'x'.repeat(10_000)}\nnext\n`)).toBe(`${'x'.repeat(8_192)}…\nnext\n`);
  });

  it.each([0, 7_990, 8_185, 15_990, 16_376])('shows no half of a secret at a cut after %i characters', (before) => {
    const secret = `https://joe:${'CANARY'.repeat(20)}@host/ `;
    const text = `${'x '.repeat(before / 2)}${secret}${'y '.repeat(20_000)}\n`;
    expect(cleaned(text)).not.toContain('CANARY');
    expect(cleaned(...(text.match(/.{1,1000}/gs) ?? []))).not.toContain('CANARY');
  });
});
