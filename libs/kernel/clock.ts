import { token } from './provider.js';

/** Where "now" comes from. Rules take a `Date`; only what must ask for the time itself is given a clock. */
export interface Clock {
  now(): Date;
}

export const CLOCK = token<Clock>('Clock');

export const systemClock: Clock = { now: () => new Date() };
