import fc from 'fast-check';

import { rangeWithin } from './byte-range.js';

it('is what slicing gives', () => {
  const bytes = fc.uint8Array({ maxLength: 20 });
  fc.assert(
    fc.property(bytes, fc.nat(25), fc.nat(25), (content, start, length) => {
      const range = rangeWithin(content.length, { start, end: start + length });
      const slice = content.slice(start, start + length + 1);
      expect(range === undefined ? [] : [...content.slice(range.start, range.end + 1)]).toEqual([...slice]);
      expect(range === undefined).toBe(slice.length === 0);
    }),
  );
});

it('is all when nothing is asked for, and nothing of an empty object', () => {
  expect(rangeWithin(7)).toEqual({ start: 0, end: 6 });
  expect(rangeWithin(0)).toBeUndefined();
});

it.each([
  [-1, 5],
  [2, 1],
  [1.5, 3],
  [NaN, 1],
  [0, NaN],
  [Infinity, Infinity],
])('refuses %p to %p', (start, end) => {
  expect(() => rangeWithin(10, { start, end })).toThrow(
    expect.objectContaining({ code: 'INVALID_BYTE_RANGE' }) as Error,
  );
});
