import fc from 'fast-check';

import { DAY, HOUR } from '#libs/kernel/duration.js';

import { keepYes, standing } from './kept-verdict.js';

const now = Date.parse('2026-03-10T00:00:00Z');
const keeping = { ttlMs: 2 * DAY, graceMs: 2 * DAY };
const at = (hours: number): number => now + hours * HOUR;

describe('a kept yes', () => {
  it.each([
    ['at once', 0, 'fresh'],
    ['after 38 hours', 38, 'fresh'],
    ['after four fifths of its time', 38.4, 'due'],
    ['just before two days', 47.99, 'due'],
    ['after two days', 48, 'stale'],
    ['at the end of the grace', 95.99, 'stale'],
    ['after the grace', 96, 'over'],
    ['when the clock went back a little', -0.05, 'fresh'],
    ['when the clock went back a day (T-42)', -24, 'stale'],
  ])('%s', (_, hours, expected) => {
    expect(standing(keepYes(undefined, now, keeping, 0), at(hours))).toBe(expected);
  });

  it('ends with the licence, without grace (I-17)', () => {
    const kept = keepYes(new Date(at(10)), now, keeping, 0);
    expect(standing(kept, at(9.9))).toBe('due');
    expect(standing(kept, at(10))).toBe('over');
  });

  it('may end with the licence within the grace', () => {
    const kept = keepYes(new Date(at(50)), now, keeping, 0);
    expect([standing(kept, at(49)), standing(kept, at(50))]).toEqual(['stale', 'over']);
  });

  it('never holds beyond what was said, and its fresh time is spread over a tenth', () => {
    const lots = fc.double({ min: 0, max: 1, noNaN: true });
    const lengths = fc.integer({ min: 1, max: 1_000 * HOUR });
    fc.assert(
      fc.property(lengths, lengths, lengths, lots, (ttlMs, graceMs, validMs, lot) => {
        const kept = keepYes(new Date(now + validMs), now, { ttlMs, graceMs }, lot);
        const fresh = kept.freshUntil - now;
        expect(fresh).toBeLessThanOrEqual(Math.min(ttlMs, validMs));
        expect(fresh).toBeGreaterThanOrEqual(Math.min(Math.floor(ttlMs * 0.9), validMs));
        expect(kept.usableUntil).toBe(Math.min(kept.freshUntil + graceMs, now + validMs));
      }),
    );
  });
});
