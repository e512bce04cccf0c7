import { periodsBetween, servingPeriods, type ServingPeriod } from './serving-history.js';

/** In which no end comes into sight. */
const FOREVER = new Date(8.64e15);

/** When a snapshot was served, is, or will be; without an end when none is known. */
export type TimelinePeriod = Omit<ServingPeriod, 'until'> & { readonly until: Date | undefined };

/**
 * From when to when what was served since then, is, and will be if nothing else happens: one period after the other. It
 * knows of the snapshots that are there now; what was served while one that is gone was, it takes to have been another one.
 */
export function servingTimeline(
  ...[since, present, acts, now]: Parameters<typeof servingPeriods>
): readonly TimelinePeriod[] {
  const past = servingPeriods(since, present, acts, now).toReversed();
  const merged: ServingPeriod[] = [];
  for (const period of [...past, ...periodsBetween(present, now, FOREVER)]) {
    const last = merged.at(-1);
    if (last?.snapshot === period.snapshot && last.until >= period.from)
      merged.splice(-1, 1, { ...last, until: period.until });
    else if (period.from < period.until) merged.push(period);
  }
  return merged.map((period) => (period.until < FOREVER ? period : { ...period, until: undefined }));
}
