import { isEdition, type Edition } from '#libs/entitlement/edition.js';
import { asRepositoryName, type RepositoryName } from '#libs/kernel/ids.js';

/** What a file request names. The decision to allow and the look-up of the file both use this one value (trust T-123). */
export interface FileTarget {
  readonly kind: 'file';
  readonly edition: Edition;
  /** `undefined` when it is no name a repository can have. */
  readonly repository: RepositoryName | undefined;
  /** Below the repository, without a leading slash; empty for the repository itself. */
  readonly path: string;
}

/** What asks for a milestone release names. */
export interface MilestoneTarget {
  readonly kind: 'milestone';
  /** `undefined` when it is no name a repository can have. */
  readonly repository: RepositoryName | undefined;
}

export type RequestTarget =
  | FileTarget
  | MilestoneTarget
  /** Not what a client that means well sends. */
  | { readonly kind: 'malformed' }
  /** Well formed, and neither of these. */
  | { readonly kind: 'other' };

const MAX_LENGTH = 2_048;
/**
 * Visible ASCII without backslash and fragment. RFC 3986 forbids some more, but `^`, `{` and `|` come unencoded from
 * clients (curl and dnf for versions such as `1.0^git1`), and what they name is only looked up.
 */
const ALLOWED = /^\/[!"$-[\]-~]*$/;
const PREFIXES: ReadonlySet<string> = new Set(['repository', 'repositories']);
const ACTIONS: ReadonlySet<string> = new Set(['milestone', 'release']);

const MALFORMED: RequestTarget = { kind: 'malformed' };
const OTHER: RequestTarget = { kind: 'other' };

/**
 * Reads the request target as it stood on the request line, in origin form only: the query is cut, percent-encoding is
 * decoded once, as strict UTF-8, and then the path is split. Nothing is resolved or repaired: empty, `.` and `..`
 * segments are malformed (trust 2.9), but for one slash at the end, which names a folder and so no file.
 */
export function requestTarget(method: string, raw: string): RequestTarget {
  if (raw.length > MAX_LENGTH || !ALLOWED.test(raw)) return MALFORMED;
  const path = decoded(withoutQuery(raw));
  if (path === undefined || hasForbidden(path)) return MALFORMED;
  // By its method, since a repository may be called `community`.
  const milestone = method === 'POST' ? milestoneTarget(path) : undefined;
  return milestone ?? fileTarget(path) ?? OTHER;
}

function milestoneTarget(path: string): MilestoneTarget | undefined {
  const [, prefix = '', repository = '', action = '', ...more] = path.split('/', 5);
  if (!PREFIXES.has(prefix) || !ACTIONS.has(action) || more.length > 0) return undefined;
  return { kind: 'milestone', repository: asRepositoryName(repository) };
}

function fileTarget(path: string): FileTarget | undefined {
  const [, prefix = '', edition = '', repository = ''] = path.split('/', 4);
  if (!PREFIXES.has(prefix) || !isEdition(edition) || repository === '') return undefined;
  const start = prefix.length + edition.length + repository.length + 4;
  return { kind: 'file', edition, repository: asRepositoryName(repository), path: path.slice(start) };
}

function withoutQuery(raw: string): string {
  const query = raw.indexOf('?');
  return query === -1 ? raw : raw.slice(0, query);
}

function decoded(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path); // strict: overlong forms, surrogates and half sequences throw
  } catch {
    return undefined;
  }
}

/** Control characters and backslashes anywhere; empty, `.` and `..` segments, but for an empty last one. */
const FORBIDDEN = /[\p{Cc}\\]|\/\/|\/\.{1,2}(?:\/|$)/u;

const hasForbidden = (path: string): boolean => FORBIDDEN.test(path);
