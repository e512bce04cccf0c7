import { MINUTE } from '#libs/kernel/duration.js';

/**
 * A yes that is kept. Instants are milliseconds since 1970: hundreds of thousands of these stay in memory.
 * A no is kept for a minute in memory only, and no answer is never kept.
 */
export interface KeptVerdict {
  readonly checkedAt: number;
  /** Until then it holds without a question. */
  readonly freshUntil: number;
  /** Until then it holds while the authority gives no answer; never past `validUntil`. */
  readonly usableUntil: number;
  /** The licence's own end, when the authority named one. */
  readonly validUntil: number | undefined;
}

export interface Keeping {
  readonly ttlMs: number;
  readonly graceMs: number;
}

/** How much of its life a yes may lose by lot, so that appliances that came together do not come back together. */
const SPREAD = 0.1;
/** The part of its life after which a yes is asked for again in the background. */
const DUE = 0.8;
/** A yes that was "checked" later than this from now was checked by a clock we cannot trust. */
const SKEW = 5 * MINUTE;

/** @param lot from 0 to 1; a yes is never fresh for longer than `ttlMs` */
export function keepYes(until: Date | undefined, now: number, { ttlMs, graceMs }: Keeping, lot: number): KeptVerdict {
  const end = until?.getTime();
  const freshUntil = Math.min(end ?? Infinity, now + Math.round(ttlMs * (1 - SPREAD * lot)));
  return { checkedAt: now, freshUntil, usableUntil: Math.min(end ?? Infinity, freshUntil + graceMs), validUntil: end };
}

/**
 * `fresh`: holds · `due`: holds, and it is time to ask again in the background · `stale`: ask, and it holds when there is
 * no answer · `over`: counts no more.
 */
export type Standing = 'fresh' | 'due' | 'stale' | 'over';

export function standing({ checkedAt, freshUntil, usableUntil }: KeptVerdict, now: number): Standing {
  if (now >= usableUntil) return 'over';
  if (now >= freshUntil || now < checkedAt - SKEW) return 'stale';
  return now < checkedAt + DUE * (freshUntil - checkedAt) ? 'fresh' : 'due';
}
