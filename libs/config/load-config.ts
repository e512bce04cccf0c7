import { join, resolve } from 'node:path';

import { AppError } from '#libs/kernel/errors.js';

import { keptAppKey } from './app-key.js';
import { isForCommands } from './command-variables.js';
import { type Config } from './config.js';
import { allOf, type Environment } from './environment.js';
import { readSettings } from './read-settings.js';
import { Secret } from './secret.js';
import { type Settings } from './variables.js';

/**
 * The configuration that an environment describes.
 *
 * @param keptKey gives the key in a file, for when `APP_KEY` is not set
 * @throws AppError `INVALID_CONFIGURATION`, which names every mistake at once
 */
export function loadConfig(environment: Environment, keptKey: (file: string) => Buffer = keptAppKey): Config {
  const { values, mistakes } = readSettings(environment);
  if (mistakes.length > 0) {
    throw new AppError('invalid', 'INVALID_CONFIGURATION', mistakes.join(' '), {
      hint: 'docs/configuration.md describes every setting.',
    });
  }
  const storagePath = resolve(environment.directory, values.STORAGE_PATH);
  return {
    ...ofApplication(values, environment.directory, () => keptKey(join(storagePath, 'app.key'))),
    ...ofStorage(values, storagePath, environment.directory),
    delivery: ofDelivery(values),
    ...ofWork(values, environment),
    importing: { snapshotsFolder: values.REPOSITORY_BASE_FOLDER },
    entitlement: ofLicences(values),
  };
}

function ofApplication(values: Settings, directory: string, keptKey: () => Buffer): Pick<Config, 'app' | 'http'> {
  return {
    app: {
      key: values.APP_KEY ?? new Secret(keptKey()),
      timezone: values.APP_TIMEZONE,
      logLevel: values.LOG_LEVEL ?? (values.APP_DEBUG ? 'debug' : 'info'),
      heartbeatFile: values.HEARTBEAT_FILE === undefined ? undefined : resolve(directory, values.HEARTBEAT_FILE),
    },
    http: {
      host: values.HOST,
      port: values.PORT,
      trustedProxies: values.TRUSTED_PROXIES ?? [],
      milestoneToken: values.REPOSITORY_MILESTONE_TOKEN,
    },
  };
}

function ofStorage(
  values: Settings,
  storagePath: string,
  directory: string,
): Pick<Config, 'storagePath' | 'database' | 'queue' | 'cache' | 'disk' | 'source'> {
  return {
    storagePath,
    database: ofDatabase(values, resolve(directory, values.DB_DATABASE ?? join(storagePath, 'parceler.sqlite'))),
    cache: values.CACHE_STORE === 'redis' ? { store: 'redis', url: values.REDIS_URL } : { store: 'database' },
    queue: ofQueue(values, join(storagePath, 'queue.sqlite')),
    disk: ofDisk(values, storagePath),
    source: { root: join(storagePath, 'disk') },
  };
}

/** On a disk of this machine there is nothing to link to. */
const ofDelivery = (values: Settings): Config['delivery'] =>
  values.FILESYSTEM_DISK === 'local' && values.DELIVERY === 'auto' ? 'stream' : values.DELIVERY;

function ofDisk(values: Settings, storagePath: string): Config['disk'] {
  if (values.FILESYSTEM_DISK === 'local') return { driver: 'local', root: join(storagePath, 'disk') };
  return {
    driver: 's3',
    endpoint: values.AWS_ENDPOINT,
    region: values.AWS_DEFAULT_REGION,
    bucket: values.AWS_BUCKET ?? '',
    pathStyle: values.AWS_USE_PATH_STYLE_ENDPOINT ?? values.AWS_ENDPOINT !== undefined,
    accessKeyId: values.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: values.AWS_SECRET_ACCESS_KEY ?? new Secret(''),
  };
}

function ofDatabase(values: Settings, file: string): Config['database'] {
  const url = values.DATABASE_URL;
  return values.DB_CONNECTION === 'postgres' && url !== undefined
    ? { driver: 'postgres', url }
    : { driver: 'sqlite', file };
}

/** The queue goes where the database is, unless it is told to go to Redis. */
function ofQueue(values: Settings, file: string): Config['queue'] {
  if (values.QUEUE_CONNECTION === 'redis') return { driver: 'redis', url: values.REDIS_URL };
  const database = ofDatabase(values, file);
  return database.driver === 'postgres' ? database : { driver: 'file', file };
}

function ofWork(values: Settings, environment: Environment): Pick<Config, 'sync' | 'worker' | 'checks' | 'retention'> {
  return {
    sync: {
      schedule: values.SYNC_SCHEDULE,
      timeoutMs: values.SYNC_TIMEOUT,
      idleTimeoutMs: values.SYNC_IDLE_TIMEOUT,
      environment: new Secret(forCommands(environment, values.SYNC_ENV ?? [])),
    },
    worker: { concurrency: values.WORKER_CONCURRENCY },
    checks: { shrink: values.CHECK_SHRINK },
    retention: { supersededMs: values.SUPERSEDED_RETENTION, runsMs: values.RUN_RETENTION },
  };
}

function forCommands(environment: Environment, listed: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(allOf(environment)).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && isForCommands(entry[0], listed),
    ),
  );
}

function ofLicences(values: Settings): Config['entitlement'] {
  return {
    realm: values.AUTH_REALM,
    enterprise: { endpoint: values.ENTERPRISE_ENDPOINT, cacheTtlMs: values.ENTERPRISE_CACHE_TTL },
    community: { endpoint: values.COMMUNITY_ENDPOINT, cacheTtlMs: values.COMMUNITY_CACHE_TTL },
    graceMs: values.LICENCE_GRACE,
    timeoutMs: values.LICENCE_TIMEOUT,
    concurrency: values.LICENCE_CONCURRENCY,
  };
}
