import { DAY, SECOND } from '#libs/kernel/duration.js';

/** What a clock on the wall shows somewhere, as a `Date` whose UTC fields are to be read: neither summer time nor zones. */
export type WallTime = Date & { readonly __brand: 'WallTime' };

/** A clock on the wall of an IANA zone, which is now and then put forward (a gap) or back (an hour comes twice). */
export class WallClock {
  private readonly format: Intl.DateTimeFormat;

  constructor(timezone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** What it shows, to the second. */
  at(instant: Date): WallTime {
    // "11/21/2026, 09:05:00"; taking the parts apart costs four times as much.
    const [month = 1, day = 1, year = 0, hour = 0, minute = 0, second = 0] = (
      this.format.format(instant).match(/\d+/g) ?? []
    ).map(Number);
    return new Date(Date.UTC(year, month - 1, day, hour, minute, second)) as WallTime;
  }

  /**
   * When it shows that time first. For a time that it leaves out, when it is put forward, or the second before if only
   * that is still the same day: so every wall time has one instant, and later wall times never have earlier ones.
   */
  firstInstantOf(wall: WallTime): Date {
    // Clocks are put forward or back less than once in two days, so one of these two offsets holds at the time looked for.
    const [before, after] = [-DAY, DAY].map((distance) => this.offsetAt(new Date(wall.getTime() + distance)));
    const candidates = [before ?? 0, after ?? 0].map((offset) => new Date(wall.getTime() - offset));
    const matching = candidates.filter((candidate) => this.at(candidate).getTime() === wall.getTime());
    return matching.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? this.endOfGap(wall, candidates);
  }

  /** How much it has been put back within the last day, in milliseconds: so far back may times lie that it showed before. */
  setBackBefore(instant: Date): number {
    return Math.max(0, this.offsetAt(new Date(instant.getTime() - DAY)) - this.offsetAt(instant));
  }

  private offsetAt(instant: Date): number {
    const whole = Math.floor(instant.getTime() / SECOND) * SECOND;
    return this.at(new Date(whole)).getTime() - whole;
  }

  private endOfGap(wall: WallTime, around: readonly Date[]): Date {
    let [shownBefore = 0, shownAfter = 0] = around.map((instant) => instant.getTime()).toSorted((a, b) => a - b);
    while (shownAfter - shownBefore > SECOND) {
      const middle = Math.floor((shownBefore + shownAfter) / 2 / SECOND) * SECOND;
      if (this.at(new Date(middle)).getTime() < wall.getTime()) shownBefore = middle;
      else shownAfter = middle;
    }
    const onItsDay = [shownAfter, shownBefore].find((instant) => dateOf(this.at(new Date(instant))) === dateOf(wall));
    return new Date(onItsDay ?? shownAfter);
  }
}

const dateOf = (wall: WallTime): string => wall.toISOString().slice(0, 10);

/** `2026-11-21T00:00`: a cron expression knows no seconds. */
export const wallTimeText = (wall: WallTime): string => wall.toISOString().slice(0, 16);
