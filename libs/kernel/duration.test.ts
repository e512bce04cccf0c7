import fc from 'fast-check';

import { after, before, DAY, formatDuration, HOUR, MINUTE, parseDuration, SECOND } from './duration.js';

it.each([
  ['0', 0],
  ['90', 90 * SECOND],
  ['500ms', 500],
  ['30s', 30 * SECOND],
  ['10m', 10 * MINUTE],
  ['48h', 2 * DAY],
  ['7d', 7 * DAY],
  [' 7d ', 7 * DAY],
])('reads %j as %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

it.each([
  '',
  ' ',
  's',
  '-1',
  '1.5h',
  '1 h',
  '1h30m',
  '7D',
  '7days',
  'NaN',
  'Infinity',
  '1e3',
  '0x10',
  '٣d',
  '1234567890',
])('refuses %j (I-28)', (text) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'INVALID_DURATION' }) as Error);
});

it.each([
  [0, '0s'],
  [-5, '0s'],
  [499, '0s'],
  [500, '1s'],
  [MINUTE - 1, '1m'],
  [12 * MINUTE + 5 * SECOND, '12m 5s'],
  [HOUR + SECOND, '1h 1s'],
  [3 * DAY + 4 * HOUR + 5 * MINUTE, '3d 4h'],
])('shows %d ms as %j', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

it('reads one unit as it is written, and moves instants there and back', () => {
  const units = fc.constantFrom(['ms', 1], ['s', SECOND], ['m', MINUTE], ['h', HOUR], ['d', DAY]);
  fc.assert(
    fc.property(fc.nat(100_000), units, (count, [unit, length]) => {
      const milliseconds = parseDuration(`${String(count)}${unit}`);
      expect(milliseconds).toBe(count * length);
      const now = new Date('2026-03-10T00:00:00Z');
      expect(before(after(now, milliseconds), milliseconds)).toEqual(now);
    }),
  );
});
