import { DAY, HOUR, MINUTE, SECOND } from '#libs/kernel/duration.js';

import {
  appKey,
  bearerToken,
  boolean,
  bucket,
  databaseAddress,
  duration,
  fraction,
  host,
  integer,
  oneOf,
  path,
  proxies,
  realm,
  redisAddress,
  schedule,
  secret,
  text,
  timezone,
  type ValueKind,
  variableNames,
  webAddress,
} from './value-kinds.js';

/** One setting: how it is read, what it is when nobody sets it, and what the documentation says of it. */
export interface Variable<T> {
  readonly kind: ValueKind<T>;
  /** Read like a value that was set; without one the setting is left out. */
  readonly fallback: string | undefined;
  /** What happens without a fallback. */
  readonly unset: string | undefined;
  /** One or two sentences for operators. */
  readonly about: string;
  /** Another name that it may have. */
  readonly alias?: string;
}

interface Preset<T> extends Variable<T> {
  readonly fallback: string;
}
interface Optional<T> extends Variable<T> {
  readonly fallback: undefined;
}

const LONGEST_TIMER = 24 * DAY; // a timer of Node's holds 2^31 ms

const preset = <T>(kind: ValueKind<T>, fallback: string, about: string): Preset<T> => ({
  kind,
  fallback,
  unset: undefined,
  about,
});
const optional = <T>(kind: ValueKind<T>, unset: string, about: string): Optional<T> => ({
  kind,
  fallback: undefined,
  unset,
  about,
});

/** Every variable that Parceler reads, by section: the only table; code, docs/configuration.md and .env.example follow it. */
export const SECTIONS = {
  Application: {
    APP_ENV: preset(
      oneOf(['production', 'development', 'test']),
      'development',
      'Where this runs. In `production` nothing is made up: `APP_KEY` has to be set.',
    ),
    APP_KEY: optional(
      secret(appKey),
      'made once and kept in `<STORAGE_PATH>/app.key`; an error in production',
      'Keys the hashes under which secrets of systems and verdicts are kept. Nothing starts with another one than before. Every process and machine of one installation has the same.',
    ),
    APP_DEBUG: preset(
      boolean,
      'false',
      'Log everything, down to the level `debug`, unless `LOG_LEVEL` says otherwise.',
    ),
    APP_TIMEZONE: preset(timezone, 'UTC', 'The time zone of schedules.'),
    LOG_LEVEL: optional(
      oneOf(['debug', 'info', 'warn', 'error', 'silent']),
      '`info`, or `debug` with `APP_DEBUG`',
      'The least important lines that the services write to standard output, one JSON object a line.',
    ),
    HEARTBEAT_FILE: optional(
      path,
      'none',
      'A file that scheduler and worker, which have no port, write every ten seconds while their database and disk answer: health checks of containers look at its age. Each process has its own.',
    ),
  },
  HTTP: {
    HOST: preset(
      host,
      '127.0.0.1',
      'The address the api listens on. Appliances send their secrets: listen elsewhere only behind a proxy that ends TLS, or in a network of your own.',
    ),
    PORT: preset(integer(0, 65_535), '8080', 'The port the api listens on; 0 takes a free one.'),
    REPOSITORY_MILESTONE_TOKEN: {
      ...optional(
        secret(bearerToken),
        'there is no such address',
        'The bearer token with which CI asks for milestone releases: `POST /repository/<name>/milestone`. Also `REPOSITORY_RELEASE_TOKEN`.',
      ),
      alias: 'REPOSITORY_RELEASE_TOKEN',
    },
    DELIVERY: preset(
      oneOf(['auto', 'stream', 'redirect', 'accel']),
      'auto',
      'How files leave. `stream`: through us. With `FILESYSTEM_DISK=s3`, `redirect` sends all clients to the bucket by a link that is good for a minute, but those known to send their credentials along; `auto` only those known to keep them. `accel`: nginx in front sends what is on a disk of this machine (docs/operations.md).',
    ),
    TRUSTED_PROXIES: optional(proxies, 'nobody', 'Proxies whose `X-Forwarded-*` headers are believed.'),
  },
  Storage: {
    STORAGE_PATH: preset(
      path,
      './storage',
      'The folder for everything that Parceler keeps on this machine: content, database, queue.',
    ),
    FILESYSTEM_DISK: preset(
      oneOf(['local', 's3']),
      'local',
      'Where snapshots and their content are kept: `local` in `<STORAGE_PATH>/disk`, `s3` in the bucket `AWS_BUCKET`. Sync commands save content to `<STORAGE_PATH>/disk` with both.',
    ),
    DB_CONNECTION: preset(
      oneOf(['sqlite', 'postgres']),
      'sqlite',
      "The kind of database: a file of this machine's, or a PostgreSQL server, which several machines can share.",
    ),
    DB_DATABASE: optional(
      path,
      '`<STORAGE_PATH>/parceler.sqlite`',
      "The file of the SQLite database, on a disk of this machine's own (not a network file system).",
    ),
    DATABASE_URL: optional(
      secret(databaseAddress),
      'an error with `DB_CONNECTION=postgres`',
      'The PostgreSQL database, with its password: `postgres://parceler:password@db.example:5432/parceler?sslmode=verify-full`. Signs such as `@` and `/` in the password are percent-encoded.',
    ),
  },
  'Queue and cache': {
    QUEUE_CONNECTION: preset(
      oneOf(['database', 'redis']),
      'database',
      'Where jobs wait. `database`: with SQLite a file of its own in `STORAGE_PATH`, with PostgreSQL a schema `parceler_jobs` beside the tables. `redis`: at `REDIS_URL`.',
    ),
    CACHE_STORE: preset(
      oneOf(['database', 'redis']),
      'database',
      'Where the yeses of licence authorities are kept for all processes. `redis` spares a database that many machines share; they are lost with it, and asked for again.',
    ),
    REDIS_URL: preset(
      secret(redisAddress),
      'redis://127.0.0.1:6379/0',
      'The Redis that `QUEUE_CONNECTION=redis` and `CACHE_STORE=redis` mean. Installations that share one have different numbers at its end.',
    ),
  },
  S3: {
    AWS_ACCESS_KEY_ID: optional(text, 'an error with `FILESYSTEM_DISK=s3`', 'The access key for the bucket.'),
    AWS_SECRET_ACCESS_KEY: optional(
      secret(text),
      'an error with `FILESYSTEM_DISK=s3`',
      'The secret of the access key. Sync commands do not see it.',
    ),
    AWS_DEFAULT_REGION: preset(text, 'us-east-1', 'The region of the bucket. Servers that have none take the default.'),
    AWS_BUCKET: optional(bucket, 'an error with `FILESYSTEM_DISK=s3`', 'The bucket, which Parceler has for itself.'),
    AWS_ENDPOINT: optional(webAddress, 'AWS', 'The address of another server than AWS that speaks S3.'),
    AWS_USE_PATH_STYLE_ENDPOINT: optional(
      boolean,
      '`true` with `AWS_ENDPOINT`, else `false`',
      'Whether the bucket stands in the path of addresses, not before the name of the host.',
    ),
  },
  Syncing: {
    SYNC_SCHEDULE: preset(
      schedule,
      '0 0 * * *',
      'When repositories without a schedule of their own are synced, in `APP_TIMEZONE`.',
    ),
    SYNC_TIMEOUT: preset(duration(SECOND, LONGEST_TIMER), '6h', 'A sync command that takes longer is stopped.'),
    SYNC_IDLE_TIMEOUT: preset(
      duration(SECOND, LONGEST_TIMER),
      '30m',
      'A sync command that neither prints nor saves anything for so long is stopped.',
    ),
    SYNC_ENV: optional(
      variableNames((name) => VARIABLES.get(ALIASES.get(name) ?? name)?.kind.isSecret === true),
      'none',
      'Variables that sync commands see besides `PATH`, `HOME`, `LANG`, `TZ` and `RCLONE_*`.',
    ),
    WORKER_CONCURRENCY: preset(integer(1, 64), '2', 'Jobs that one worker does at once.'),
    CHECK_SHRINK: preset(
      fraction,
      '0.3',
      'A snapshot that has lost more than this part of its files or bytes is held for an operator to look at.',
    ),
  },
  Retention: {
    SUPERSEDED_RETENTION: preset(
      duration(0, 3650 * DAY),
      '7d',
      'How long superseded snapshots can be brought back before they are removed.',
    ),
    RUN_RETENTION: preset(duration(HOUR, 3650 * DAY), '90d', 'How long runs and their logs are kept.'),
  },
  Import: {
    REPOSITORY_BASE_FOLDER: preset(
      text,
      'snapshots',
      "What an original Parceler calls its folder of snapshots. Read by `import:parceler` alone; Parceler's own is always `snapshots`.",
    ),
  },
  Licences: {
    AUTH_REALM: preset(realm, 'Parceler', 'The realm in the challenge that clients without credentials get.'),
    ENTERPRISE_ENDPOINT: optional(
      webAddress,
      'the register of systems decides',
      "Asked by `GET` with an enterprise system's credentials; any 2xx answer is a yes.",
    ),
    ENTERPRISE_CACHE_TTL: preset(duration(0, 30 * DAY), '2d', 'How long a yes of `ENTERPRISE_ENDPOINT` counts.'),
    COMMUNITY_ENDPOINT: optional(
      webAddress,
      'the register of systems decides',
      "Asked by `GET` with a community system's token; its answer says until when the subscription is valid.",
    ),
    COMMUNITY_CACHE_TTL: preset(
      duration(0, 30 * DAY),
      '2d',
      'How long a yes of `COMMUNITY_ENDPOINT` counts, and never longer than the subscription.',
    ),
    LICENCE_GRACE: preset(
      duration(0, 30 * DAY),
      '48h',
      'How long systems that were entitled go on being served while the authority gives no answer.',
    ),
    LICENCE_TIMEOUT: preset(duration(100, MINUTE), '3s', 'An authority that takes longer has given no answer.'),
    LICENCE_CONCURRENCY: preset(integer(1, 1000), '50', 'Questions to one authority under way at once.'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Variable<unknown>>>>>;

type Sections = typeof SECTIONS;
type AllOf<T> = (T extends unknown ? (member: T) => void : never) extends (all: infer All) => void ? All : never;
type Variables = AllOf<Sections[keyof Sections]>;
type ValueOf<V> = V extends Preset<infer T> ? T : V extends Optional<infer T> ? T | undefined : never;

/** The value of every variable. */
export type Settings = { readonly [Name in keyof Variables]: ValueOf<Variables[Name]> };

export const VARIABLES: ReadonlyMap<string, Variable<unknown>> = new Map(
  Object.values(SECTIONS).flatMap((section) => Object.entries<Variable<unknown>>(section)),
);

/** What variables may be called instead, and what they are. */
export const ALIASES: ReadonlyMap<string, string> = new Map(
  [...VARIABLES].flatMap(([name, { alias }]) => (alias === undefined ? [] : [[alias, name]])),
);
