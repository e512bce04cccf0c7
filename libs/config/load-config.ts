import { join, resolve } from 'node:path';

import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

import { keptAppKey } from './app-key.js';
import { type Config } from './config.js';
import { Secret } from './secret.js';
import { appKey } from './value-kinds.js';
import { type Settings, VARIABLES, type Variable } from './variables.js';

export interface LoadOptions {
  /** Relative paths start here. */
  readonly directory?: string;
  /** The key in a file, for when `APP_KEY` is not set. */
  readonly keptKey?: (file: string) => Buffer;
}

/**
 * The configuration that an environment describes; an empty variable counts as unset.
 *
 * @throws AppError `INVALID_CONFIGURATION`, which names every mistake at once
 */
export function loadConfig(environment: NodeJS.ProcessEnv, options: LoadOptions = {}): Config {
  const { values, mistakes } = readSettings(environment);
  if (mistakes.length > 0) {
    throw new AppError('invalid', 'INVALID_CONFIGURATION', mistakes.join(' '), {
      hint: 'docs/configuration.md describes every setting.',
    });
  }
  const { directory = process.cwd(), keptKey = keptAppKey } = options;
  const storagePath = resolve(directory, values.STORAGE_PATH);
  return {
    ...ofApplication(values, () => keptKey(join(storagePath, 'app.key'))),
    ...ofStorage(values, storagePath, directory),
    ...ofWork(values, environment),
    entitlement: ofLicences(values),
    delivery: { mode: values.DELIVERY },
  };
}

interface Reading {
  /** Complete when there are no mistakes. */
  readonly values: Settings;
  readonly mistakes: readonly string[];
}

function readSettings(environment: NodeJS.ProcessEnv): Reading {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of VARIABLES) {
    const text = given(environment, name) ?? variable.fallback;
    if (text === undefined) continue;
    values[name] = variable.kind.parse(text);
    if (values[name] === undefined) mistakes.push(mistake(name, text, variable));
  }
  if (values['APP_ENV'] === 'production' && given(environment, 'APP_KEY') === undefined) {
    mistakes.push(`APP_KEY is not set; in production it must be ${appKey.expected}.`);
  }
  return { values: values as Settings, mistakes };
}

function given(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = environment[name]?.trim();
  return text === '' ? undefined : text;
}

function mistake(name: string, found: string, { kind }: Variable<unknown>): string {
  const shown = kind.isSecret ? 'does not fit' : `is "${printable(withoutPassword(found))}"`;
  const refusal = kind.refusal?.(found);
  return `${name} ${shown}${refusal === undefined ? '' : ` (${refusal})`}; expected ${kind.expected}.`;
}

const withoutPassword = (text: string): string => text.replaceAll(/\/\/[^/]*@/g, '//…@');

function ofApplication(values: Settings, keptKey: () => Buffer): Pick<Config, 'app' | 'http'> {
  return {
    app: {
      environment: values.APP_ENV,
      key: values.APP_KEY ?? new Secret(keptKey()),
      timezone: values.APP_TIMEZONE,
      logLevel: values.LOG_LEVEL ?? (values.APP_DEBUG ? 'debug' : 'info'),
    },
    http: { host: values.HOST, port: values.PORT, trustedProxies: values.TRUSTED_PROXIES ?? [] },
  };
}

function ofStorage(
  values: Settings,
  storagePath: string,
  directory: string,
): Pick<Config, 'storagePath' | 'database' | 'queue' | 'disk'> {
  const file = resolve(directory, values.DB_DATABASE ?? join(storagePath, 'parceler.sqlite'));
  return {
    storagePath,
    database: { driver: values.DB_CONNECTION, file },
    queue: { driver: values.QUEUE_CONNECTION, file: join(storagePath, 'queue.sqlite') },
    disk: { driver: values.FILESYSTEM_DISK, root: join(storagePath, 'disk') },
  };
}

function ofWork(
  values: Settings,
  environment: NodeJS.ProcessEnv,
): Pick<Config, 'sync' | 'worker' | 'checks' | 'retention'> {
  const names = values.SYNC_ENV ?? [];
  return {
    sync: {
      schedule: values.SYNC_SCHEDULE,
      timeoutMs: values.SYNC_TIMEOUT,
      idleTimeoutMs: values.SYNC_IDLE_TIMEOUT,
      environment: names,
      environmentValues: forCommands(environment, names),
    },
    worker: { concurrency: values.WORKER_CONCURRENCY },
    checks: { shrink: values.CHECK_SHRINK },
    retention: { supersededMs: values.SUPERSEDED_RETENTION, runsMs: values.RUN_RETENTION },
  };
}

const USUAL = new Set(['PATH', 'HOME', 'LANG', 'TZ']);

/** What sync commands see: a list of what is allowed, so that our own secrets are not (trust T-70). */
function forCommands(environment: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const allowed = (name: string): boolean => USUAL.has(name) || name.startsWith('RCLONE_') || names.includes(name);
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && allowed(entry[0]),
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
