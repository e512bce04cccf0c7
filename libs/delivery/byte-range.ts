import { type ByteRange } from '#libs/storage/disk.js';

import { wholeSeconds, type Representation } from './conditional-request.js';
import { isEtag, strongMatch } from './etag.js';
import { httpDate } from './http-date.js';

export type Part =
  /** Everything, with 200. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  /** 416. */
  | { readonly kind: 'unsatisfiable' };

export interface RangeConditions {
  readonly range?: string | undefined;
  readonly 'if-range'?: string | undefined;
}

const WHOLE: Part = { kind: 'whole' };
const UNSATISFIABLE: Part = { kind: 'unsatisfiable' };
const SINGLE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/**
 * RFC 9110 section 14.2 for GET: one range of bytes is honoured. Several ranges, other units and what is no range get
 * the whole file, as section 14.2 allows; so does a range whose `If-Range` names another version of the file (13.1.5),
 * so that a download that goes on never mixes two snapshots.
 */
export function partOf(size: number, request: RangeConditions, representation: Representation): Part {
  const match = request.range === undefined ? null : SINGLE_RANGE.exec(request.range);
  if (match === null || !isUnchanged(request['if-range'], representation)) return WHOLE;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? WHOLE : suffix(size, Number(last));
  const end = last === '' ? Infinity : Number(last);
  return end < Number(first) ? WHOLE : interval(size, Number(first), end);
}

function interval(size: number, start: number, end: number): Part {
  return start < size ? { kind: 'part', range: { start, end: Math.min(end, size - 1) } } : UNSATISFIABLE;
}

function suffix(size: number, length: number): Part {
  return length > 0 && size > 0
    ? { kind: 'part', range: { start: Math.max(0, size - length), end: size - 1 } }
    : UNSATISFIABLE;
}

/** Section 13.1.5: a strong tag, or exactly the date we gave. */
function isUnchanged(ifRange: string | undefined, { etag, modifiedMs }: Representation): boolean {
  if (ifRange === undefined) return true;
  return isEtag(ifRange) ? strongMatch(ifRange, etag) : ifRange === httpDate(wholeSeconds(modifiedMs));
}

export const contentRange = ({ start, end }: ByteRange, size: number): string =>
  `bytes ${String(start)}-${String(end)}/${String(size)}`;
