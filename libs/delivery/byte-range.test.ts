import fc from 'fast-check';

import { contentRange, partOf } from './byte-range.js';

const representation = { etag: '"abc"', modifiedMs: Date.parse('2026-03-10T12:00:00.750Z') };
const part = (start: number, end: number) => ({ kind: 'part', range: { start, end } });
const whole = { kind: 'whole' };
const unsatisfiable = { kind: 'unsatisfiable' };

describe('partOf (T-126, RFC 9110 section 14)', () => {
  it.each([
    [undefined, whole],
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-99', part(0, 99)],
    ['bytes=0-', part(0, 99)],
    ['bytes=99-', part(99, 99)],
    ['bytes=10-1000', part(10, 99)],
    ['bytes=10-99999999999999999999999', part(10, 99)],
    ['bytes=-1', part(99, 99)],
    ['bytes=-100', part(0, 99)],
    ['bytes=-1000', part(0, 99)],
    ['bytes=-99999999999999999999999', part(0, 99)],
    ['Bytes=5-6', part(5, 6)],
    ['bytes= 5-6 ', part(5, 6)],
    ['bytes=100-', unsatisfiable],
    ['bytes=100-200', unsatisfiable],
    ['bytes=99999999999999999999999-', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    ['bytes=5-4', whole],
    ['bytes=-', whole],
    ['bytes=', whole],
    ['bytes', whole],
    ['bytes=a-b', whole],
    ['bytes=1-2-3', whole],
    ['bytes=1.5-2', whole],
    ['bytes=+1-2', whole],
    ['bytes=--1', whole],
    ['bytes 1-2', whole],
    ['lines=0-1', whole],
    ['bytes=0-0,5-6', whole],
    [`bytes=${'0-,'.repeat(3_000)}0-`, whole],
  ])('%s', (range, expected) => {
    expect(partOf(100, { range }, representation)).toEqual(expected);
  });

  it.each([
    ['"abc"', part(1, 2)],
    ['W/"abc"', whole],
    ['"other"', whole],
    ['abc', whole],
    ['"abc", "other"', whole],
    ['*', whole],
    ['Tue, 10 Mar 2026 12:00:00 GMT', part(1, 2)],
    ['Tue, 10 Mar 2026 12:00:01 GMT', whole],
    ['Tue, 10 Mar 2026 11:59:59 GMT', whole],
    ['', whole],
  ])('If-Range %s (section 13.1.5)', (ifRange, expected) => {
    expect(partOf(100, { range: 'bytes=1-2', 'if-range': ifRange }, representation)).toEqual(expected);
  });

  it.each(['bytes=0-', 'bytes=-1', 'bytes=0-0'])('has no part of an empty file: %s', (range) => {
    expect(partOf(0, { range }, representation)).toEqual(unsatisfiable);
  });

  it('gives a part that lies in the file, or none', () => {
    const number = fc.oneof(
      fc.constant(''),
      fc.nat(300).map(String),
      fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String),
    );
    fc.assert(
      fc.property(fc.nat(200), number, number, (size, first, last) => {
        const answer = partOf(size, { range: `bytes=${first}-${last}` }, representation);
        if (answer.kind !== 'part') return;
        const { start, end } = answer.range;
        expect(start >= 0 && start <= end && end < size).toBe(true);
        if (first !== '') expect(start).toBe(Number(first));
        else expect(end).toBe(size - 1);
      }),
    );
  });

  it('says which part it is', () => {
    expect(contentRange({ start: 1, end: 2 }, 100)).toBe('bytes 1-2/100');
  });
});
