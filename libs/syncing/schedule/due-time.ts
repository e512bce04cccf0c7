import { parseCron } from '#libs/config/cron-expression.js';
import { SECOND } from '#libs/kernel/duration.js';

import { wallTimeText, WallClock, type WallTime } from './wall-clock.js';

export interface DueTime {
  readonly at: Date;
  /** The local date and time that the expression names, such as `2026-11-21T00:00`: once a day for a daily expression. */
  readonly local: string;
}

/*
 * A cron expression is matched against wall time, where no hour is missing and none comes twice, and only the match is
 * turned into an instant: so what is daily happens once on each local day, whatever is done to clocks (trust T-43). An
 * hour that comes twice counts once, also for expressions that match within it.
 */

/** When an expression was due last, up to and including `now`; `undefined` when it never was. */
export function lastDue(expression: string, timezone: string, now: Date): DueTime | undefined {
  const schedule = parseCron(expression);
  const clock = clockOf(timezone);
  // A time that the clock will leave out in a second may be due already; what turns out later than now is passed over.
  const latest = clock.at(new Date(now.getTime() + SECOND)).getTime() + clock.setBackBefore(now);
  // croner looks before the reference, which is to be included.
  let wall = schedule.previousRuns(1, new Date(latest + SECOND))[0];
  while (wall !== undefined) {
    const at = clock.firstInstantOf(wall as WallTime);
    if (at <= now) return { at, local: wallTimeText(wall as WallTime) };
    wall = schedule.previousRuns(1, wall)[0];
  }
  return undefined;
}

/** When an expression will be due next, after `now`; `undefined` when it never will be. */
export function nextDue(expression: string, timezone: string, now: Date): DueTime | undefined {
  const schedule = parseCron(expression);
  const clock = clockOf(timezone);
  let wall = schedule.nextRun(clock.at(now));
  while (wall !== null) {
    const at = clock.firstInstantOf(wall as WallTime);
    if (at > now) return { at, local: wallTimeText(wall as WallTime) };
    wall = schedule.nextRun(wall);
  }
  return undefined;
}

const clocks = new Map<string, WallClock>();

/** Making one takes a hundred times as long as asking it; there are a few hundred zones. */
function clockOf(timezone: string): WallClock {
  const known = clocks.get(timezone);
  if (known !== undefined) return known;
  const clock = new WallClock(timezone);
  clocks.set(timezone, clock);
  return clock;
}
