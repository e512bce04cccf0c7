import { inspect } from 'node:util';

import { isAppError } from '#libs/kernel/errors.js';
import { DAY, HOUR, SECOND } from '#libs/kernel/duration.js';

import { generateAppKey } from './app-key.js';
import { type Config } from './config.js';
import { environmentOf } from './testing/environment-of.js';
import { loadConfig } from './load-config.js';
import { VARIABLES } from './variables.js';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7));
const load = (environment: NodeJS.ProcessEnv = {}): Config =>
  loadConfig(environmentOf(environment, '/srv/parceler'), () => KEY);

function mistakesIn(environment: NodeJS.ProcessEnv): string {
  try {
    load(environment);
  } catch (error) {
    if (isAppError(error, 'INVALID_CONFIGURATION')) return error.message;
    throw error;
  }
  return '';
}

describe('loadConfig', () => {
  it('works when nothing is set', () => {
    expect(load()).toMatchObject({
      app: { timezone: 'UTC', logLevel: 'info' },
      http: { host: '127.0.0.1', port: 8080, trustedProxies: [] },
      storagePath: '/srv/parceler/storage',
      database: { driver: 'sqlite', file: '/srv/parceler/storage/parceler.sqlite' },
      cache: { store: 'database' },
      queue: { driver: 'file', file: '/srv/parceler/storage/queue.sqlite' },
      disk: { driver: 'local', root: '/srv/parceler/storage/disk' },
      source: { root: '/srv/parceler/storage/disk' },
      sync: { schedule: '0 0 * * *', timeoutMs: 6 * HOUR, idleTimeoutMs: HOUR / 2 },
      entitlement: { enterprise: { endpoint: undefined, cacheTtlMs: 2 * DAY }, graceMs: 48 * HOUR },
    });
  });

  it('takes an empty or blank variable for one that is not set', () => {
    expect(load({ PORT: '', APP_KEY: ' ', ENTERPRISE_ENDPOINT: '' })).toEqual(load());
  });

  const PATHS: readonly (readonly [NodeJS.ProcessEnv, string])[] = [
    [{ STORAGE_PATH: 'here' }, '/srv/parceler/here/parceler.sqlite'],
    [{ STORAGE_PATH: '/var/lib/parceler' }, '/var/lib/parceler/parceler.sqlite'],
    [{ DB_DATABASE: 'db/state.sqlite' }, '/srv/parceler/db/state.sqlite'],
    [{ DB_DATABASE: '/db/state.sqlite', STORAGE_PATH: 'here' }, '/db/state.sqlite'],
  ];
  it.each(PATHS)('finds the database of %o at %s', (environment, file) => {
    expect(load(environment).database).toEqual({ driver: 'sqlite', file });
  });

  it.each([
    ['an exact fraction', '0.25', 0.25],
    ['a percentage', '30%', 0.3],
    ['nothing may be lost', '0', 0],
  ])('reads CHECK_SHRINK as %s', (_, text, value) => {
    expect(load({ CHECK_SHRINK: text }).checks.shrink).toBeCloseTo(value, 10);
  });

  it('splits lists at commas and blanks', () => {
    const { http } = load({ TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.1 2001:db8::/32,' });
    expect(http.trustedProxies).toEqual(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
  });

  it('hands sync commands what is allowed and nothing else (T-70)', () => {
    const { sync } = load({
      PATH: '/bin',
      HOME: '/root',
      RCLONE_CONFIG: '/rclone.conf',
      AWS_SECRET_ACCESS_KEY: 'canary',
      UPSTREAM_TOKEN: 'wanted',
      APP_KEY: generateAppKey(),
      DATABASE_URL: 'postgres://canary@db/parceler',
      DB_CONNECTION: 'postgres',
      XRCLONE_X: 'canary',
      RCLONE_: 'canary',
      LD_PRELOAD: 'canary',
      TZ: 'Europe/Rome',
      SYNC_ENV: 'UPSTREAM_TOKEN, UNSET',
    });
    expect(sync.environment.reveal()).toEqual({
      PATH: '/bin',
      HOME: '/root',
      RCLONE_CONFIG: '/rclone.conf',
      UPSTREAM_TOKEN: 'wanted',
      TZ: 'Europe/Rome',
    });
    expect(inspect(sync, { depth: 9 })).not.toContain('wanted');
  });

  it('hands none of our secrets to sync commands, whoever asks for it (T-70)', () => {
    const secrets = [...VARIABLES].filter(([, { kind }]) => kind.isSecret).map(([name]) => name);
    expect(secrets).toContain('APP_KEY');
    for (const name of secrets) {
      expect(mistakesIn({ SYNC_ENV: `PATH,${name}` })).toContain("none of Parceler's own secrets");
    }
  });

  it.each([
    [{}, 'info'],
    [{ APP_DEBUG: 'true' }, 'debug'],
    [{ APP_DEBUG: 'yes', LOG_LEVEL: 'error' }, 'error'],
  ] as const)('logs with %o from %s on', (environment, level) => {
    expect(load(environment).app.logLevel).toBe(level);
  });

  describe('APP_KEY', () => {
    it('is read with and without the prefix', () => {
      const encoded = KEY.toString('base64');
      expect(load({ APP_KEY: encoded }).app.key.reveal()).toEqual(KEY);
      expect(load({ APP_KEY: `base64:${encoded}` }).app.key.reveal()).toEqual(KEY);
      expect(load({ APP_KEY: generateAppKey(), APP_ENV: 'production' }).app.key.reveal()).toHaveLength(32);
    });

    it('is the kept one when it is not set, and does not show itself (I-20)', () => {
      const config = load();
      expect(config.app.key.reveal()).toEqual(KEY);
      expect(inspect(config, { depth: 9 })).toContain('[secret]');
      expect(JSON.stringify(config)).toContain('"key":"[secret]"');
    });

    it('is not made up in production', () => {
      expect(mistakesIn({ APP_ENV: 'production' })).toMatch(/^APP_KEY is not set; in production it must be 32 random/);
    });

    it.each([
      ['too short', Buffer.alloc(16, 'canary-canary-01').toString('base64')],
      ['no base64', 'canary-canary-canary-canary-canary-canary-'],
      ['all the same byte', Buffer.alloc(32, 7).toString('base64')],
    ])('that is %s is refused and never shown (I-20)', (_, key) => {
      const mistakes = mistakesIn({ APP_KEY: key });
      expect(mistakes).toContain('APP_KEY does not fit (environment); expected 32 random bytes');
      expect(mistakes).not.toContain(key);
    });
  });

  it.each([
    ['PORT', '80a'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['APP_ENV', 'staging'],
    ['APP_DEBUG', 'maybe'],
    ['APP_TIMEZONE', 'Europe/Atlantis'],
    ['LOG_LEVEL', 'loud'],
    ['SYNC_SCHEDULE', 'every day'],
    ['SYNC_SCHEDULE', '0 0 31 2 *'],
    ['SYNC_SCHEDULE', '* * * * * *'],
    ['SYNC_SCHEDULE', '@daily'],
    ['SYNC_SCHEDULE', '2030-01-01T00:00:00'],
    ['SYNC_TIMEOUT', '0'],
    ['SYNC_TIMEOUT', '25d'],
    ['SYNC_TIMEOUT', '1.5h'],
    ['SYNC_ENV', 'A-B'],
    ['SYNC_ENV', 'APP_KEY'],
    ['WORKER_CONCURRENCY', '0'],
    ['CHECK_SHRINK', '1.1'],
    ['CHECK_SHRINK', '-0.1'],
    ['CHECK_SHRINK', '101%'],
    ['TRUSTED_PROXIES', '*'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/'],
    ['ENTERPRISE_ENDPOINT', 'licences.example'],
    ['ENTERPRISE_ENDPOINT', 'ftp://licences.example'],
    ['COMMUNITY_ENDPOINT', 'https://licences.example/#here'],
    ['AUTH_REALM', 'say "hello"'],
    ['HOST', 'a\nb'],
    ['HOST', 'a b'],
    ['HOST', '300.1.1.1'],
    ['HOST', '-a'],
    ['HOST', 'a..b'],
    ['LICENCE_TIMEOUT', '0s'],
  ])('refuses %s=%s, says what was found and what was expected', (name, value) => {
    const mistakes = mistakesIn({ [name]: value });
    expect(mistakes).toContain(`${name} is "${value.replace('\n', '\\n').replaceAll('"', '\\"')}`);
    expect(mistakes).toContain(' (environment); expected ');
  });

  it.each([
    ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
    ['rediss://parceler:canary@redis.example/3', 'rediss://parceler:canary@redis.example/3'],
  ])('keeps jobs on the Redis at %s when it is told to', (address, href) => {
    const { queue } = load({ QUEUE_CONNECTION: 'redis', REDIS_URL: address });
    expect(queue.driver !== 'file' && queue.url.reveal().href).toBe(href);
    expect(JSON.stringify(queue)).not.toContain('canary');
    expect(load({ REDIS_URL: address }).queue.driver).toBe('file');
    const { cache } = load({ CACHE_STORE: 'redis', REDIS_URL: address });
    expect(cache.store === 'redis' && cache.url.reveal().href).toBe(href);
  });

  it.each(['http://canary@redis', 'redis:', 'redis://canary@host/zero', 'redis://canary@host/0?family=6', 'canary'])(
    'refuses the Redis at %s without showing it (I-20)',
    (address) => {
      const mistakes = mistakesIn({ REDIS_URL: address });
      expect(mistakes).toContain('REDIS_URL does not fit (environment); expected an address such as redis://');
      expect(mistakes).not.toContain('canary');
    },
  );

  describe('FILESYSTEM_DISK=s3', () => {
    const S3 = {
      FILESYSTEM_DISK: 's3',
      AWS_BUCKET: 'parceler',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'canary',
    };

    it('is AWS in its first region unless something else is set', () => {
      const { disk } = load(S3);
      const place = { endpoint: undefined, region: 'us-east-1', bucket: 'parceler', pathStyle: false };
      expect(disk).toMatchObject({ driver: 's3', accessKeyId: 'id', ...place });
      expect(disk.driver === 's3' && disk.secretAccessKey.reveal()).toBe('canary');
      expect(inspect(disk, { depth: 9 })).not.toContain('canary');
    });

    it.each([
      [{}, true],
      [{ AWS_USE_PATH_STYLE_ENDPOINT: 'false' }, false],
    ])('names the bucket in the path for other servers, with %o: %s', (more, pathStyle) => {
      const { disk } = load({ ...S3, AWS_ENDPOINT: 'http://minio:9000', ...more });
      expect(disk).toMatchObject({ endpoint: new URL('http://minio:9000'), pathStyle });
    });

    it.each([
      [{}, 'auto'],
      [{ DELIVERY: 'redirect' }, 'redirect'],
    ])('delivers with %o by %s', (more, delivery) => {
      expect(load({ ...S3, ...more }).delivery).toBe(delivery);
      expect(load().delivery).toBe('stream');
    });

    it('is nothing that nginx could send', () => {
      expect(load({ DELIVERY: 'accel' }).delivery).toBe('accel');
      expect(mistakesIn({ ...S3, DELIVERY: 'accel' })).toBe(
        'DELIVERY is accel; nginx can send only what FILESYSTEM_DISK=local has.',
      );
    });

    it('is needed for redirects', () => {
      expect(mistakesIn({ DELIVERY: 'redirect' })).toBe(
        'DELIVERY is redirect; only FILESYSTEM_DISK=s3 has links to redirect to.',
      );
    });

    it('names all that is missing', () => {
      expect(mistakesIn({ FILESYSTEM_DISK: 's3' })).toBe(
        'AWS_BUCKET is not set; FILESYSTEM_DISK=s3 needs it. AWS_ACCESS_KEY_ID is not set; FILESYSTEM_DISK=s3 needs it. AWS_SECRET_ACCESS_KEY is not set; FILESYSTEM_DISK=s3 needs it.',
      );
    });
  });

  describe('the database', () => {
    const url = 'postgres://parceler:canary%40@db.example:5433/parceler?sslmode=verify-full';

    it('is on a server when both are said', () => {
      const { database } = load({ DB_CONNECTION: 'postgres', DATABASE_URL: url });
      expect(database.driver === 'postgres' && database.url.reveal().href).toBe(url);
      expect(inspect(database)).not.toContain('canary');
    });

    it.each<[NodeJS.ProcessEnv, string]>([
      [{ DB_CONNECTION: 'postgres' }, 'DATABASE_URL is not set; DB_CONNECTION=postgres needs it.'],
      [{ DATABASE_URL: url }, 'DATABASE_URL is set, and DB_CONNECTION is not; say postgres to use it, or sqlite.'],
      [{ DB_CONNECTION: 'mysql' }, 'DB_CONNECTION is "mysql" (environment); expected sqlite or postgres.'],
    ])('refuses %o', (environment, mistake) => {
      expect(mistakesIn(environment)).toContain(mistake);
    });

    it('is a file when that is said, whatever address the environment has besides', () => {
      expect(load({ DB_CONNECTION: 'sqlite', DATABASE_URL: url })).toEqual(load());
    });

    it.each([
      'db.example/parceler',
      'mysql://canary@db.example/parceler',
      'postgres://parceler:canary@db.example',
      'postgres://parceler:canary@db.example/',
      'postgres://parceler:canary@db.example/parceler/more',
      'postgres://parceler:canary@db.example/parceler?sslmode=prefer',
    ])('is not at %s, and the password is not repeated (I-20)', (address) => {
      const mistakes = mistakesIn({ DB_CONNECTION: 'postgres', DATABASE_URL: address });
      expect(mistakes).toMatch(/^DATABASE_URL does not fit \(environment\); expected a postgres:\/\/ address/);
      expect(mistakes).not.toContain('canary');
    });

    it('may be reached by a socket', () => {
      const socket = 'postgresql:///parceler?host=/run/postgresql';
      expect(mistakesIn({ DB_CONNECTION: 'postgres', DATABASE_URL: socket })).toBe('');
    });
  });

  it('does not repeat a password in an address (I-20)', () => {
    const mistakes = mistakesIn({ ENTERPRISE_ENDPOINT: 'https://user:canary@licences.example/' });
    expect(mistakes).toContain('ENTERPRISE_ENDPOINT is "https://…@licences.example/"');
    expect(mistakes).not.toContain('canary');
  });

  it('reports all mistakes at once', () => {
    const mistakes = mistakesIn({ PORT: 'x', LOG_LEVEL: 'loud', SYNC_TIMEOUT: 'long', APP_ENV: 'production' });
    expect(mistakes.match(/\b[A-Z_]+ (?=is )/g)).toEqual(['LOG_LEVEL ', 'PORT ', 'SYNC_TIMEOUT ', 'APP_KEY ']);
  });

  it('makes no key while there are mistakes', () => {
    const keptKey = (): never => {
      throw new Error('asked for a key');
    };
    expect(() => loadConfig(environmentOf({ PORT: 'x' }), keptKey)).toThrow('PORT is "x"');
  });

  it('asks a retention of half a minute to be a duration it can keep', () => {
    expect(load({ SUPERSEDED_RETENTION: '30s' }).retention.supersededMs).toBe(30 * SECOND);
  });
});
