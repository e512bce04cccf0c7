import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

import { AppError, messageOf } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { nameOf, type Place } from './place.js';

interface Explanation {
  readonly code: string;
  /** Goes on after the name of the database. */
  readonly problem: string;
  readonly hint: string;
}

const LOST: Explanation = {
  code: 'DATABASE_CONNECTION_LOST',
  problem: 'dropped the connection',
  hint: 'Nothing was changed. The connection is made anew by itself; try again.',
};
const UNREACHABLE: Explanation = {
  code: 'DATABASE_UNREACHABLE',
  problem: 'cannot be reached',
  hint: 'Look whether the server runs, whether host and port in DATABASE_URL are right, and whether a firewall stands between.',
};
const REFUSED: Explanation = {
  code: 'DATABASE_LOGIN_REFUSED',
  problem: 'refuses the user',
  hint: 'Look at user and password in DATABASE_URL, and at pg_hba.conf on the server.',
};
const NO_TLS: Explanation = {
  code: 'DATABASE_TLS_FAILED',
  problem: 'cannot be reached by TLS as DATABASE_URL asks for',
  hint: 'Look at sslmode and sslrootcert in DATABASE_URL, and at the certificate of the server.',
};
const BUSY: Explanation = {
  code: 'DATABASE_BUSY',
  problem: 'has been kept busy by others for too long',
  hint: 'Try again; if it stays so, look at pg_stat_activity for what holds locks.',
};
const NO_RIGHTS: Explanation = {
  code: 'DATABASE_NOT_WRITABLE',
  problem: 'cannot be written by this user',
  hint: 'Let the user own the database, or grant it the right to create in the schema.',
};
const CORRUPT: Explanation = {
  code: 'DATABASE_CORRUPT',
  problem: 'is damaged',
  hint: 'Stop Parceler, keep a copy of the server, and restore the last backup.',
};

/** By the beginning of the server's or the system's code, the longer ones first. Anything else is a mistake of ours. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  '28': REFUSED,
  '3D000': {
    code: 'DATABASE_MISSING',
    problem: 'does not exist',
    hint: 'Make it with createdb, owned by the user in DATABASE_URL. Parceler makes the tables itself.',
  },
  '3F000': NO_RIGHTS,
  '42501': NO_RIGHTS,
  '25006': { ...NO_RIGHTS, problem: 'is read-only', hint: 'Set DATABASE_URL to the address of the primary server.' },
  '25P03': LOST,
  '53100': {
    code: 'DATABASE_FULL',
    problem: 'has no space left on its volume',
    hint: "Free space on the server's volume; nothing has to be restarted.",
  },
  '53300': {
    code: 'DATABASE_TOO_MANY_CONNECTIONS',
    problem: 'takes no more connections',
    hint: 'Raise max_connections on the server: each process of Parceler uses up to eleven.',
  },
  '55P03': BUSY,
  '57014': BUSY,
  '57P03': UNREACHABLE,
  '57P': LOST,
  '08': LOST,
  XX001: CORRUPT,
  XX002: CORRUPT,
  ECONNREFUSED: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_: UNREACHABLE,
  EHOST: UNREACHABLE,
  ENET: UNREACHABLE,
  ENOENT: UNREACHABLE, // no socket in that folder
  EACCES: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ECONNRESET: LOST,
  EPIPE: LOST,
  ERR_TLS: NO_TLS,
  ERR_SSL: NO_TLS,
  DEPTH_ZERO: NO_TLS,
  SELF_SIGNED: NO_TLS,
  UNABLE_TO: NO_TLS,
  CERT_: NO_TLS,
};

/** What the driver says without giving it a code. */
const WORDS: readonly (readonly [RegExp, Explanation])[] = [
  [/^timeout exceeded when trying to connect/, BUSY], // for one of those that there are
  [/timeout/, UNREACHABLE],
  [/^Connection terminated|^the server said nothing|is not queryable/, LOST],
  [/\bSASL\b.*\bpassword\b/, { ...REFUSED, problem: 'wants a password, and DATABASE_URL has none' }],
  [/SSL|certificate/, NO_TLS],
];

/**
 * The failure as an AppError of the kind `unavailable` when its cause lies outside our statements, else as it is.
 *
 * @param place named in the message when it is given: not while requests of strangers are answered
 */
export function explainPostgresError(error: unknown, place?: Place): unknown {
  const explanation = explanationOf(error);
  if (explanation === undefined) return error;
  const { code, problem, hint } = explanation;
  const subject = place === undefined ? 'The database' : `The ${nameOf(place)}`;
  return new AppError('unavailable', code, `${subject} ${problem}.`, { hint, cause: error });
}

/** Whether the server itself said no and goes on to listen; else nobody knows what became of the last statement. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof QueryFailedError && (error.driverError as { readonly severity?: string }).severity === 'ERROR';

const PASSING: ReadonlySet<string> = new Set([LOST.code, UNREACHABLE.code, 'DATABASE_TOO_MANY_CONNECTIONS']);

/** Whether the same may well succeed in a moment: a server that restarts, or that has too many guests. */
export const isPassing = (error: unknown): boolean => PASSING.has(explanationOf(error)?.code ?? '');

/** A connection that ends is taken from whoever uses it. */
const RELEASED = [QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError];

/** Only certificates and keys are read from files. */
const isAboutFile = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'open';

function explanationOf(error: unknown): Explanation | undefined {
  if (error instanceof AppError) return undefined;
  if (RELEASED.some((kind) => error instanceof kind)) return LOST;
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const code = systemCode(cause);
  if (isAboutFile(cause)) return NO_TLS;
  const known = Object.keys(EXPLANATIONS).find((prefix) => code.startsWith(prefix));
  if (known !== undefined) return EXPLANATIONS[known];
  return code === '' ? WORDS.find(([words]) => words.test(messageOf(cause)))?.[1] : undefined;
}
