import { type WordHash } from './bypass-word.js';

/** How requests are answered meanwhile. Seconds, as HTTP counts them. */
export interface MaintenanceAnswer {
  readonly status: number;
  readonly retryAfter: number;
  /** After so long a browser asks again by itself. */
  readonly refresh: number | undefined;
  /** Where to send clients instead: a path of ours, or an address elsewhere. */
  readonly redirect: string | undefined;
}

/** A time in which nothing is served and nothing new is begun, because an operator said so. */
export interface Maintenance extends MaintenanceAnswer {
  /** Tells it from every other one: what lets somebody in counts in this one alone (trust T-143). */
  readonly episode: string;
  readonly since: Date;
  /** Of the word that lets in; `undefined` when nobody gets in. */
  readonly word: WordHash | undefined;
}

/** What an operator says; the rest is as usual. */
export type MaintenanceDraft = Partial<MaintenanceAnswer>;

export const USUAL_ANSWER: MaintenanceAnswer = { status: 503, retryAfter: 60, refresh: undefined, redirect: undefined };
