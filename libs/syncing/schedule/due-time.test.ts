import fc from 'fast-check';

import { DAY, HOUR } from '#libs/kernel/duration.js';

import { lastDue, nextDue } from './due-time.js';
import { WallClock } from './wall-clock.js';

const FROM = Date.UTC(2026, 0, 1);
const DAYS = 2 * 365;
const ZONES = Intl.supportedValuesOf('timeZone');

const localDate = (clock: WallClock, instant: Date): string => clock.at(instant).toISOString().slice(0, 10);

describe('lastDue', () => {
  it.each([
    // expression, zone, now, at, local
    ['0 0 * * *', 'UTC', '2026-03-10T00:00:00Z', '2026-03-10T00:00:00Z', '2026-03-10T00:00'],
    ['0 0 * * *', 'UTC', '2026-03-09T23:59:59.999Z', '2026-03-09T00:00:00Z', '2026-03-09T00:00'],
    ['0 0 * * *', 'Europe/Rome', '2026-07-10T12:00:00Z', '2026-07-09T22:00:00Z', '2026-07-10T00:00'],
    ['0 3 * * 1', 'Asia/Kathmandu', '2026-03-15T12:00:00Z', '2026-03-08T21:15:00Z', '2026-03-09T03:00'],
    // T-46: leap day, year end, 2038
    ['0 0 29 2 *', 'UTC', '2026-03-10T00:00:00Z', '2024-02-29T00:00:00Z', '2024-02-29T00:00'],
    ['0 0 * * *', 'Pacific/Auckland', '2026-12-31T11:00:00Z', '2026-12-31T11:00:00Z', '2027-01-01T00:00'],
    ['59 23 31 12 *', 'UTC', '2027-01-01T00:00:00Z', '2026-12-31T23:59:00Z', '2026-12-31T23:59'],
    ['0 0 * * *', 'UTC', '2038-01-20T03:14:08Z', '2038-01-20T00:00:00Z', '2038-01-20T00:00'],
    // T-43: left out, at night and at midnight
    ['30 2 * * *', 'Europe/Rome', '2026-03-29T00:59:59Z', '2026-03-28T01:30:00Z', '2026-03-28T02:30'],
    ['30 2 * * *', 'Europe/Rome', '2026-03-29T01:00:00Z', '2026-03-29T01:00:00Z', '2026-03-29T02:30'],
    ['59 23 * * *', 'America/Scoresbysund', '2026-03-29T00:59:58Z', '2026-03-28T01:59:00Z', '2026-03-27T23:59'],
    ['59 23 * * *', 'America/Scoresbysund', '2026-03-29T00:59:59Z', '2026-03-29T00:59:59Z', '2026-03-28T23:59'],
    ['0 0 * * *', 'America/Havana', '2026-03-08T04:59:59Z', '2026-03-07T05:00:00Z', '2026-03-07T00:00'],
    ['0 0 * * *', 'America/Havana', '2026-03-08T05:00:00Z', '2026-03-08T05:00:00Z', '2026-03-08T00:00'],
    // T-43: comes twice, counts once
    ['30 2 * * *', 'Europe/Rome', '2026-10-25T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-25T02:30'],
    ['30 2 * * *', 'Europe/Rome', '2026-10-25T01:10:00Z', '2026-10-25T00:30:00Z', '2026-10-25T02:30'],
    ['30 2 * * *', 'Europe/Rome', '2026-10-25T01:30:00Z', '2026-10-25T00:30:00Z', '2026-10-25T02:30'],
    ['0 0 * * *', 'America/Havana', '2026-11-01T05:30:00Z', '2026-11-01T04:00:00Z', '2026-11-01T00:00'],
  ])('of "%s" in %s at %s is %s (%s)', (expression, zone, now, at, local) => {
    expect(lastDue(expression, zone, new Date(now))).toEqual({ at: new Date(at), local });
  });

  it('is not there for a day that never comes', () => {
    expect(lastDue('0 0 30 2 *', 'UTC', new Date(FROM))).toBeUndefined();
  });

  it.each(['every day', '* * * * * *', '@daily'])('refuses "%s", which is no schedule', (expression) => {
    expect(() => lastDue(expression, 'UTC', new Date(0))).toThrow(
      expect.objectContaining({ code: 'INVALID_SCHEDULE' }),
    );
  });

  it('comes exactly once on each local day in every zone through two years (T-43)', () => {
    const clocks = clocksThatDiffer();
    expect(clocks.length).toBeGreaterThan(50);
    for (const { zone, ticks } of clocks) {
      for (const expression of ['0 0 * * *', '59 23 * * *']) {
        expect({ zone, expression, wrong: daysNotRunOnce(expression, zone, ticks) }).toEqual({
          zone,
          expression,
          wrong: [],
        });
      }
    }
  });

  it('makes nothing due twice, and loses at most what is a day old, when the zone is changed (T-44)', () => {
    const zones = fc.constantFrom(...ZONES);
    fc.assert(
      fc.property(zones, zones, fc.integer({ min: 0, max: DAYS * DAY }), (from, to, offset) => {
        const now = new Date(FROM + offset);
        const before = lastDue('0 0 * * *', from, now)?.local ?? '';
        const after = lastDue('0 0 * * *', to, now)?.local ?? '';
        expect(before === after).toBe(localDate(new WallClock(from), now) === localDate(new WallClock(to), now));
        expect(Math.abs(Date.parse(before) - Date.parse(after))).toBeLessThanOrEqual(DAY + HOUR);
      }),
      { numRuns: 200 },
    );
  });
});

describe('nextDue', () => {
  it.each([
    ['0 0 * * *', 'UTC', '2026-03-10T00:00:00Z', '2026-03-11T00:00:00Z'],
    ['0 0 * * *', 'UTC', '2026-03-09T23:59:59.999Z', '2026-03-10T00:00:00Z'],
    ['0 0 * * *', 'America/Havana', '2026-03-08T04:30:00Z', '2026-03-08T05:00:00Z'],
    ['30 2 * * *', 'Europe/Rome', '2026-03-29T00:30:00Z', '2026-03-29T01:00:00Z'],
    ['30 2 * * *', 'Europe/Rome', '2026-10-25T01:10:00Z', '2026-10-26T01:30:00Z'],
    ['0 0 29 2 *', 'UTC', '2026-03-10T00:00:00Z', '2028-02-29T00:00:00Z'],
  ])('of "%s" in %s after %s is %s', (expression, zone, now, at) => {
    expect(nextDue(expression, zone, new Date(now))?.at).toEqual(new Date(at));
  });

  it('is not there for a day that never comes', () => {
    expect(nextDue('0 0 30 2 *', 'UTC', new Date(FROM))).toBeUndefined();
  });

  it('is what will have been due last when it has come, with nothing between', () => {
    const expressions = fc.constantFrom('0 0 * * *', '*/20 * * * *', '30 2 * * 0', '15 1,2,3 * 3,4,10,11 *');
    fc.assert(
      fc.property(expressions, fc.constantFrom(...ZONES), fc.integer({ max: DAYS * DAY, min: 0 }), (cron, zone, ms) => {
        const now = new Date(FROM + ms);
        const next = nextDue(cron, zone, now);
        if (next === undefined) throw new Error('never due');
        expect(next.at.getTime()).toBeGreaterThan(now.getTime());
        // Times that a clock leaves out come together when it has been put forward: the last of them counts.
        expect(lastDue(cron, zone, next.at)?.at).toEqual(next.at);
        expect(lastDue(cron, zone, new Date(next.at.getTime() - 1))).toEqual(lastDue(cron, zone, now));
      }),
      { numRuns: 300 },
    );
  });
});

/** One zone of each set that goes the same through the two years, with the instants to look at it: daily, hourly near changes. */
function clocksThatDiffer(): readonly { readonly zone: string; readonly ticks: readonly Date[] }[] {
  const different = new Map<string, { zone: string; ticks: Date[] }>();
  for (const zone of ZONES) {
    const clock = new WallClock(zone);
    const offset = (ms: number) => clock.at(new Date(ms)).getTime() - ms;
    const ticks: Date[] = [];
    const offsets: number[] = [];
    for (let day = -1; day <= DAYS; day++) {
      const noon = FROM + day * DAY + 12 * HOUR;
      const changes = offset(noon) !== offset(noon + DAY) || offset(noon - DAY) !== offset(noon);
      for (let hour = 0; hour < 24; hour += changes ? 1 : 24) {
        ticks.push(new Date(noon + hour * HOUR + 7 * 60_000));
        offsets.push(offset(noon + hour * HOUR));
      }
    }
    different.set(offsets.join(), { zone, ticks });
  }
  return [...different.values()];
}

function daysNotRunOnce(expression: string, zone: string, ticks: readonly Date[]): readonly string[] {
  const clock = new WallClock(zone);
  const runs = new Map<string, Date>();
  for (const tick of ticks) {
    const due = lastDue(expression, zone, tick);
    if (due !== undefined && !runs.has(due.local)) runs.set(due.local, due.at);
  }
  const dates = [...runs.values()].map((at) => localDate(clock, at));
  const once = new Set(dates);
  const expected = Array.from({ length: DAYS }, (_, day) => new Date(Date.parse(dates[0] ?? '') + day * DAY));
  const missing = expected.map((date) => date.toISOString().slice(0, 10)).filter((date) => !once.has(date));
  return [...missing, ...dates.filter((date, index) => date === dates[index - 1])];
}
