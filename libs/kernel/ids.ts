import { MINUTE } from './duration.js';
import { AppError } from './errors.js';

/** A repository's name as it stands in URLs, folders and commands. */
export type RepositoryName = string & { readonly __brand: 'RepositoryName' };

/** UTC basic ISO time such as `20260114T103045Z`, with a suffix `-2`, `-3`… when that second was taken. */
export type SnapshotId = string & { readonly __brand: 'SnapshotId' };

/** An appliance's id as the licence authority knows it; compared byte for byte. */
export type SystemId = string & { readonly __brand: 'SystemId' };

const REPOSITORY_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const SNAPSHOT_ID = /^\d{8}T\d{6}Z(?:-(?:[2-9]|[1-9]\d{1,3}))?$/;
/** The names the original Parceler gave its snapshot folders, with the offset of its time zone: `2026-01-14T10:30:45+00:00`. */
const EXTENDED_SNAPSHOT_ID = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:Z|([+-])(\d{2}):(\d{2}))$/;
// Control bytes would end up in headers and logs; 256 bytes is more than any client sends (trust T-118).
const SYSTEM_ID = /^[^\p{Cc}:]{1,256}$/u;

/** @throws AppError `INVALID_REPOSITORY_NAME` */
export function repositoryName(text: string): RepositoryName {
  if (!REPOSITORY_NAME.test(text)) {
    throw new AppError('invalid', 'INVALID_REPOSITORY_NAME', `"${printable(text)}" is not a repository name.`, {
      hint: 'Use 1 to 63 lower-case letters, digits, dashes and underscores, beginning with a letter or digit.',
    });
  }
  return text as RepositoryName;
}

/** The name when it is well formed, else `undefined`: for lookups where a bad name is simply not there. */
export const asRepositoryName = (text: string): RepositoryName | undefined =>
  REPOSITORY_NAME.test(text) ? (text as RepositoryName) : undefined;

/**
 * Parses a snapshot id in our form or in the original Parceler's.
 *
 * @throws AppError `INVALID_SNAPSHOT_ID`
 */
export function snapshotId(text: string): SnapshotId {
  const id = asSnapshotId(text);
  if (id === undefined) {
    throw new AppError('invalid', 'INVALID_SNAPSHOT_ID', `"${printable(text)}" is not a snapshot id.`, {
      hint: 'A snapshot id is a UTC time such as 20260114T103045Z; repository:snapshots lists them.',
    });
  }
  return id;
}

export function asSnapshotId(text: string): SnapshotId | undefined {
  const original = EXTENDED_SNAPSHOT_ID.exec(text);
  const local = original ? `${original.slice(1, 4).join('')}T${original.slice(4, 7).join('')}Z` : text;
  if (!SNAPSHOT_ID.test(local) || !isRealTime(local)) return undefined;
  return original ? atUtc(local as SnapshotId, original.slice(7)) : (local as SnapshotId);
}

/** @param offset its sign, hours and minutes; all missing in UTC */
function atUtc(local: SnapshotId, [sign, hours = '0', minutes = '0']: readonly (string | undefined)[]) {
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined; // no zone is farther away
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -MINUTE : MINUTE);
  const id = snapshotIdAt(new Date(instantOf(local).getTime() - offset));
  return SNAPSHOT_ID.test(id) ? id : undefined; // not before the year 0, nor after 9999
}

/** The id of a snapshot taken at `instant`; `attempt` 2, 3… when earlier ones have taken that second. */
export function snapshotIdAt(instant: Date, attempt = 1): SnapshotId {
  const basic = instant.toISOString().slice(0, 19).replaceAll(/[-:]/g, '') + 'Z';
  return (attempt > 1 ? `${basic}-${String(attempt)}` : basic) as SnapshotId;
}

/** The instant an id names, to the second. */
export const instantOf = (id: SnapshotId): Date => new Date(extended(id));

/** @throws AppError `INVALID_SYSTEM_ID` */
export function systemId(text: string): SystemId {
  if (!SYSTEM_ID.test(text) || Buffer.byteLength(text) > 256) {
    throw new AppError('invalid', 'INVALID_SYSTEM_ID', `"${printable(text)}" is not a system id.`, {
      hint: 'Use 1 to 256 bytes without colons and control characters.',
    });
  }
  return text as SystemId;
}

/** User text made fit for one line of a terminal, log or header: what is not seen as itself escaped, cut at 80. */
export function printable(text: string): string {
  const escaped = text.replaceAll(UNSEEN, (char) => ESCAPES[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  // The cut may leave half of a surrogate pair, which is no character.
  return escaped.length > 80 ? `${escaped.slice(0, 79).replace(/\p{Surrogate}$/u, '')}…` : escaped;
}

// Control and format characters (those that turn the direction of text among them), line separators, lone surrogates.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}"\\]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

/** `2026-01-14T10:30:45.000Z` of `20260114T103045Z`, with or without a suffix. */
const extended = (basic: string): string =>
  basic.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z.*$/, '$1-$2-$3T$4:$5:$6.000Z');

/** Dates that no calendar has, such as the 30th of February, are either invalid or come back as another day. */
function isRealTime(basic: string): boolean {
  const date = new Date(extended(basic));
  return !Number.isNaN(date.getTime()) && date.toISOString() === extended(basic);
}
