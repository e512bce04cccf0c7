import { SECOND } from '#libs/kernel/duration.js';

import { etagList, strongMatch, weakMatch } from './etag.js';
import { parseHttpDate } from './http-date.js';

/** What a file request says about the copy the client has; names as Node has them. */
export interface Conditions {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-modified-since'?: string | undefined;
  readonly 'if-unmodified-since'?: string | undefined;
}

/** What we are about to send. */
export interface Representation {
  /** A strong entity tag with its quotes. */
  readonly etag: string;
  /** Milliseconds since 1970; HTTP sees whole seconds of it. */
  readonly modifiedMs: number;
}

export type Evaluation = 'send' | 'not-modified' | 'precondition-failed';

/** RFC 9110 section 13.2.2: which preconditions count, and in which order, for GET and HEAD. */
export function evaluate(conditions: Conditions, representation: Representation): Evaluation {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, representation.etag, strongMatch)) return 'precondition-failed'; // 13.1.1
  } else if (modifiedAfter(conditions['if-unmodified-since'], representation)) {
    return 'precondition-failed'; // 13.1.4
  }
  if (ifNoneMatch !== undefined) {
    return matches(ifNoneMatch, representation.etag, weakMatch) ? 'not-modified' : 'send'; // 13.1.2
  }
  return isTheSameDate(conditions['if-modified-since'], representation) ? 'not-modified' : 'send';
}

function matches(list: string, etag: string, match: (one: string, other: string) => boolean): boolean {
  if (list.trim() === '*') return true; // the file is there
  return etagList(list).some((tag) => match(tag, etag));
}

function modifiedAfter(date: string | undefined, { modifiedMs }: Representation): boolean {
  const instant = parseHttpDate(date);
  return instant !== undefined && wholeSeconds(modifiedMs) > instant;
}

/**
 * Section 13.1.3 recommends 304 whenever the file is not newer than the client's date. We answer it for the very date we
 * gave, as nginx does by default: after a rollback the good file is older than the faulty one that a client has, and
 * must be sent all the same.
 */
function isTheSameDate(date: string | undefined, { modifiedMs }: Representation): boolean {
  return parseHttpDate(date) === wholeSeconds(modifiedMs);
}

export const wholeSeconds = (instant: number): number => Math.floor(instant / SECOND) * SECOND;
