import fc from 'fast-check';

import { parseValidUntil } from './valid-until.js';

const good: readonly (readonly [value: unknown, instant: string])[] = [
  ['2026-01-14', '2026-01-14T00:00:00.000Z'],
  ['9999-12-31', '9999-12-31T00:00:00.000Z'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['2000-02-29', '2000-02-29T00:00:00.000Z'],
  ['0099-01-01', '0099-01-01T00:00:00.000Z'],
  ['2026-01-14T10:30:45Z', '2026-01-14T10:30:45.000Z'],
  ['2026-01-14T10:30Z', '2026-01-14T10:30:00.000Z'],
  ['2026-01-14T10:30:45', '2026-01-14T10:30:45.000Z'],
  ['2026-01-14 10:30:45', '2026-01-14T10:30:45.000Z'],
  ['2026-01-14T10:30:45.5Z', '2026-01-14T10:30:45.500Z'],
  ['2026-01-14T10:30:45.123456Z', '2026-01-14T10:30:45.123Z'],
  ['2026-01-14T10:30:45.000000000Z', '2026-01-14T10:30:45.000Z'],
  ['2026-01-14T10:30:45+01:00', '2026-01-14T09:30:45.000Z'],
  ['2026-01-14T10:30:45+0100', '2026-01-14T09:30:45.000Z'],
  ['2026-01-14T10:30:45-05:30', '2026-01-14T16:00:45.000Z'],
  ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.000Z'],
  ['2026-01-14T10:30:45+14:00', '2026-01-13T20:30:45.000Z'],
  ['2026-01-14T10:30:45-12:00', '2026-01-14T22:30:45.000Z'],
  ['2026-03-29T02:30:00', '2026-03-29T02:30:00.000Z'], // does not exist in Rome, but zoneless is UTC
  ['2026-10-25T02:30:00', '2026-10-25T02:30:00.000Z'], // exists twice in Rome
  ['2038-01-19T03:14:08Z', '2038-01-19T03:14:08.000Z'],
  [1_768_386_645, '2026-01-14T10:30:45.000Z'],
  ['1768386645', '2026-01-14T10:30:45.000Z'],
  [1_768_386_645_123, '2026-01-14T10:30:45.123Z'],
  ['1768386645123', '2026-01-14T10:30:45.123Z'],
  [4_102_444_800, '2100-01-01T00:00:00.000Z'],
];

const bad: readonly unknown[] = [
  undefined,
  null,
  true,
  {},
  [],
  ['2026-01-14'],
  '',
  ' ',
  'never',
  'null',
  'infinity',
  '0',
  0,
  1,
  -1,
  NaN,
  Infinity,
  1_768_386_645.5,
  1e21,
  '0000000000',
  '0768386645',
  '17683866451',
  '176838664512',
  '99999999999999',
  '2026',
  '2026-01',
  '2026-1-4',
  '26-01-14',
  '12026-01-14',
  '+002026-01-14',
  '2026-02-30',
  '2026-02-29',
  '1900-02-29',
  '2026-04-31',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '0000-01-01',
  '2026-01-14T24:00:00Z',
  '2026-01-14T10:60:00Z',
  '2026-12-31T23:59:60Z',
  '2026-01-14T10Z',
  '2026-01-14T10:30:45.Z',
  '2026-01-14T10:30:45,5Z',
  '2026-01-14t10:30:45z',
  '2026-01-14T10:30:45 Z',
  '2026-01-14T10:30:45+1:00',
  '2026-01-14T10:30:45+01',
  '2026-01-14T10:30:45+14:01',
  '2026-01-14T10:30:45-12:01',
  '2026-01-14T10:30:45+01:60',
  '2026-01-14T10:30:45 Europe/Rome',
  ' 2026-01-14',
  '2026-01-14\n',
  '\uFEFF2026-01-14',
  '２０２６-01-14',
  '01/12/2026',
  '14.01.2026',
  '20260114T103045Z',
  '2026-W03-3',
  'Wed, 14 Jan 2026 10:30:45 GMT',
  'tomorrow',
];

describe('parseValidUntil (T-111, I-28)', () => {
  it.each(good)('reads %j as %s', (value, instant) => {
    expect(parseValidUntil(value)?.toISOString()).toBe(instant);
  });

  it.each(bad)('does not read %j', (value) => {
    expect(parseValidUntil(value)).toBeUndefined();
  });

  it('reads every instant that JavaScript writes, and none of it changes by the zone it is written in', () => {
    const date = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(date, fc.integer({ min: -12 * 60, max: 14 * 60 }), (instant, offset) => {
        const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const zone = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) => String(n).padStart(2, '0'));
        expect(parseValidUntil(instant.toISOString())).toEqual(instant);
        expect(parseValidUntil(`${local}${offset < 0 ? '-' : '+'}${zone.join(':')}`)).toEqual(instant);
      }),
    );
  });

  it('never throws, whatever it is given, and is quick about it (T-140)', () => {
    fc.assert(fc.property(fc.anything(), (value) => void parseValidUntil(value)));
    const started = performance.now();
    parseValidUntil(`2026-01-14T10:30:45.${'0'.repeat(100_000)}`);
    expect(performance.now() - started).toBeLessThan(50);
  });
});
