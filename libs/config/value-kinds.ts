import { isIP } from 'node:net';

import { formatDuration, parseDuration, SECOND } from '#libs/kernel/duration.js';

import { cronExpression } from './cron-expression.js';
import { Secret } from './secret.js';

/** How the text of an environment variable becomes a value. */
export interface ValueKind<T> {
  /** Completes "expected …". */
  readonly expected: string;
  /** `undefined` when the text does not fit. Never sees an empty text. */
  parse(text: string): T | undefined;
  /** What was found is never shown; `secret` makes such kinds. */
  readonly isSecret?: true;
  /** Shown as the whole path that a relative one means. */
  readonly isPath?: true;
}

/** The same kind, of values that nobody is told. */
export const secret = <T>(kind: ValueKind<T>): ValueKind<Secret<T>> => ({
  expected: kind.expected,
  isSecret: true,
  parse(text) {
    const value = kind.parse(text);
    return value === undefined ? undefined : new Secret(value);
  },
});

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, on: true, yes: true, '1': true };
const NEGATIVES: Readonly<Record<string, boolean>> = { false: false, off: false, no: false, '0': false };

export const boolean: ValueKind<boolean> = {
  expected: 'true or false',
  parse: (text) => ({ ...BOOLEANS, ...NEGATIVES })[text.toLowerCase()],
};

export const text: ValueKind<string> = {
  expected: 'a line of text',
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  parse: (value) => (/[\u0000-\u001f\u007f]/.test(value) ? undefined : value),
};

/** A name as RFC 1123 has it. One whose last part is a number was meant to be an address (WHATWG URL, section 3.5). */
const HOST_NAME =
  /^(?=.{1,253}$)(?!.*(?:^|\.)\d+$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;

export const host: ValueKind<string> = {
  expected: 'an IP address or the name of a host',
  parse: (value) => (isIP(value) !== 0 || HOST_NAME.test(value) ? value : undefined),
};

export const bucket: ValueKind<string> = {
  expected: 'the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes',
  parse: (value) => (/^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(value) ? value : undefined),
};

export const path: ValueKind<string> = { ...text, expected: 'a path', isPath: true };

/** Fit for a quoted string in a header. */
export const realm: ValueKind<string> = {
  expected: 'up to 100 letters, digits, spaces and punctuation of ASCII, but neither quotes nor backslashes',
  parse: (value) => (/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(value) ? value : undefined),
};

export const oneOf = <const T extends string>(values: readonly T[]): ValueKind<T> => ({
  expected: values.join(' or '),
  parse: (value) => values.find((known) => known === value),
});

export function integer(min: number, max: number): ValueKind<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse: (value) => (/^\d{1,15}$/.test(value) && between(Number(value), min, max) ? Number(value) : undefined),
  };
}

/** `0.3` or `30%`. */
export const fraction: ValueKind<number> = {
  expected: 'a fraction from 0 to 1 such as 0.3, or a percentage such as 30%',
  parse(value) {
    const [, digits, percent] = /^(\d{1,3}(?:\.\d{1,6})?)(%)?$/.exec(value) ?? [];
    if (digits === undefined) return undefined;
    const number = Number(digits) / (percent === undefined ? 1 : 100);
    return between(number, 0, 1) ? number : undefined;
  },
};

/** Milliseconds. */
export function duration(min: number, max: number): ValueKind<number> {
  return {
    expected: `a duration from ${min > 0 && min < SECOND ? `${String(min)}ms` : formatDuration(min)} to ${formatDuration(max)}, such as 30s, 10m, 48h or 7d`,
    parse(value) {
      const milliseconds = attempt(() => parseDuration(value));
      return milliseconds !== undefined && between(milliseconds, min, max) ? milliseconds : undefined;
    },
  };
}

export const webAddress: ValueKind<URL> = {
  expected: 'an http:// or https:// address without user, password and fragment',
  parse(value) {
    const url = attempt(() => new URL(value));
    if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return undefined;
    return url.username === '' && url.password === '' && url.hash === '' ? url : undefined;
  },
};

export const redisAddress: ValueKind<URL> = {
  expected: 'an address such as redis://user:password@redis.example.org:6379/0; rediss:// for TLS',
  parse(value) {
    const url = attempt(() => new URL(value));
    if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') return undefined;
    return /^\/?\d*$/.test(url.pathname) && url.search === '' && url.hash === '' ? url : undefined;
  },
};

/** As PostgreSQL's own programs understand them; those that only perhaps encrypt help nobody. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'];

export const databaseAddress: ValueKind<URL> = {
  expected: `a postgres:// address with a database, and an sslmode, if any, of ${SSL_MODES.join(', ')}`,
  parse(value) {
    const url = attempt(() => new URL(value));
    if (url === undefined || !['postgres:', 'postgresql:'].includes(url.protocol)) return undefined;
    if (!/^\/[^/]+$/.test(url.pathname)) return undefined;
    return SSL_MODES.includes(url.searchParams.get('sslmode') ?? 'disable') ? url : undefined;
  },
};

export const timezone: ValueKind<string> = {
  expected: 'the name of a time zone such as UTC or Europe/Rome',
  parse: (value) => attempt(() => new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone),
};

export const schedule: ValueKind<string> = {
  expected:
    'a cron expression of five fields (minute, hour, day, month, weekday) that comes true some day, such as "0 0 * * *"',
  parse: (value) => attempt(() => cronExpression(value)),
};

export const proxies: ValueKind<readonly string[]> = list(
  'IP addresses or ranges such as 10.0.0.0/8, separated by commas',
  isAddressRange,
);

/** @param isOurs whether a variable holds a secret of Parceler's own */
export const variableNames = (isOurs: (name: string) => boolean): ValueKind<readonly string[]> => ({
  ...list(
    "names of environment variables, separated by commas, but none of Parceler's own secrets",
    (name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !isOurs(name),
  ),
});

const KEY_BYTES = 32;
const MIN_DIFFERENT_BYTES = 12; // thirty-two random ones have about thirty; a made-up key is recognised

export const appKey: ValueKind<Buffer> = {
  expected: `${KEY_BYTES} random bytes in base64, as "parceler key:generate --show" prints them`,
  parse(value) {
    const encoded = value.replace(/^base64:/, '');
    if (!/^[A-Za-z0-9+/]{43}=$/.test(encoded)) return undefined;
    const key = Buffer.from(encoded, 'base64');
    return new Set(key).size >= MIN_DIFFERENT_BYTES ? key : undefined;
  },
};

/** As RFC 6750 section 2.1 has it; the least that nobody guesses (trust T-142). */
export const bearerToken: ValueKind<string> = {
  expected: '32 to 512 letters, digits and -._~+/, such as "openssl rand -hex 32" prints',
  parse: (value) => (/^[\w.~+/-]{30,510}[\w.~+/=-]{2}$/.test(value) ? value : undefined),
};

function list(expected: string, fits: (item: string) => boolean): ValueKind<readonly string[]> {
  return {
    expected,
    parse(value) {
      const items = value.split(/[\s,]+/).filter((item) => item !== '');
      return items.every(fits) ? items : undefined;
    },
  };
}

function isAddressRange(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/');
  const widest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const width = bits === undefined ? widest : Number(/^\d{1,3}$/.exec(bits)?.[0] ?? NaN);
  return widest >= 0 && rest.length === 0 && between(width, 0, widest);
}

const between = (number: number, min: number, max: number): boolean => number >= min && number <= max;

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined; // the caller says what was expected
  }
}
