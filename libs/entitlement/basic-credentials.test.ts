import fc from 'fast-check';

import { basicCredentials, basicHeader } from './basic-credentials.js';

const base64 = (text: string | Buffer): string => Buffer.from(text as string).toString('base64');
const basic = (text: string | Buffer): string => `Basic ${base64(text)}`;

describe('basicCredentials (T-118)', () => {
  it.each([
    ['id and secret', basic('nsec-1:s3cret'), 'nsec-1', 's3cret'],
    ['a secret with colons', basic('a:b:c:'), 'a', 'b:c:'],
    ['UTF-8', basic('gerät:schlüssel'), 'gerät', 'schlüssel'],
    ['lower case scheme', `basic ${base64('a:b')}`, 'a', 'b'],
    ['odd case scheme, more spaces', `bAsIc   ${base64('a:b')}`, 'a', 'b'],
    ['the longest', basic(`${'i'.repeat(256)}:${'s'.repeat(512)}`), 'i'.repeat(256), 's'.repeat(512)],
    ['a byte order mark, kept', basic('\uFEFFa:b'), '\uFEFFa', 'b'],
    ['spaces, kept', basic(' a : b '), ' a ', ' b '],
  ])('reads %s', (_, header, systemId, secret) => {
    expect(basicCredentials(header)).toEqual({ systemId, secret });
  });

  it.each([
    ['nothing', undefined],
    ['the empty string', ''],
    ['the scheme alone', 'Basic'],
    ['the scheme and a space', 'Basic '],
    ['another scheme', `Bearer ${base64('a:b')}`],
    ['a longer scheme', `Basics ${base64('a:b')}`],
    ['no space', `Basic${base64('a:b')}`],
    ['a tab', `Basic\t${base64('a:b')}`],
    ['no colon', basic('ab')],
    ['no id', basic(':b')],
    ['no secret', basic('a:')],
    ['a colon alone', basic(':')],
    ['an id of 257 bytes', basic(`${'i'.repeat(257)}:s`)],
    ['an id of 129 two-byte characters', basic(`${'é'.repeat(129)}:s`)],
    ['a secret of 513 bytes', basic(`i:${'s'.repeat(513)}`)],
    ['100 KB', basic(`i:${'s'.repeat(100_000)}`)],
    ['no padding', `Basic ${base64('ab:c').replaceAll('=', '')}`],
    ['too much padding', `Basic ${base64('a:b')}==`],
    ['padding in the middle', `Basic YQ==Om==`],
    ['URL-safe Base64', `Basic ${Buffer.from('a:\u00ff>?').toString('base64url')}`],
    ['a comma and parameters', `${basic('a:b')}, realm="x"`],
    ['two credentials', `${basic('a:b')} ${base64('c:d')}`],
    ['space around', ` ${basic('a:b')} `],
    ['Latin-1', basic(Buffer.from('ger\xe4t:x', 'latin1'))],
    ['overlong UTF-8', basic(Buffer.from([0x61, 0x3a, 0xc0, 0xaf]))],
    ['NUL', basic('a\0:b')],
    ['a newline in the id', basic('a\nb:c')],
    ['a CR in the secret', basic('a:b\rc')],
    ['DEL', basic('a\x7f:b')],
    ['a C1 control', basic('a\u0085:b')],
  ])('refuses %s', (_, header) => {
    expect(basicCredentials(header)).toBeUndefined();
  });

  it('reads back what it writes', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, text, (id, secret) => {
        fc.pre(!/[\p{Cc}]/u.test(id + secret) && !id.includes(':') && Buffer.byteLength(id) <= 256);
        fc.pre(Buffer.byteLength(secret) <= 512);
        const credentials = { systemId: id as never, secret };
        expect(basicCredentials(basicHeader(credentials))).toEqual(credentials);
      }),
    );
  });

  it('survives any header, in a moment (T-140)', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => void basicCredentials(`Basic ${header}`)));
    const started = performance.now();
    for (const filler of ['A', '=', ' ', 'Basic ']) basicCredentials(`Basic ${filler.repeat(100_000)}`);
    expect(performance.now() - started).toBeLessThan(50);
  });
});
