import fc from 'fast-check';

import { byBytes } from './byte-order.js';

it('is the order of the UTF-8 bytes', () => {
  const nearTheSurrogates = fc.constantFrom(
    'a',
    '/',
    '.',
    '\u{D7FF}',
    '\u{E000}',
    '\u{FFFF}',
    '\u{10000}',
    '\u{10FFFF}',
  );
  const strings = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: nearTheSurrogates }));
  fc.assert(
    fc.property(strings, strings, (a, b) => {
      expect(Math.sign(byBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

it.each([
  ['', '', 0],
  ['a', 'ab', -1],
  ['a.b', 'a/b', -1],
  ['\u{E000}', '\u{10000}', -1],
])('orders %j and %j', (a, b, order) => {
  expect(Math.sign(byBytes(a, b))).toBe(order);
  expect(Math.sign(byBytes(b, a))).toBe(-order + 0);
});
