import { token } from './provider.js';

/** Where "now" comes from. Rules take a `Date`; only what must ask for the time itself is given a clock. */
export interface Clock {
  now(): Date;
}

export const CLOCK = token<Clock>('Clock');

/**
 * Whether what began at `since` (milliseconds since 1970) still lasts. A clock that was set back to before it ends it:
 * a pause of seconds must not become one of hours (trust T-42).
 */
export const lasts = (since: number, forMs: number, now: number): boolean => now >= since && now < since + forMs;

export const systemClock: Clock = { now: () => new Date() };
