import { token } from '#libs/kernel/provider.js';

import { type Secret } from './secret.js';

/** Where a bucket is, and who we are there. */
export interface S3Settings {
  /** `undefined` for AWS itself. */
  readonly endpoint: URL | undefined;
  readonly region: string;
  readonly bucket: string;
  /** `https://host/bucket/key`, not `https://bucket.host/key`. */
  readonly pathStyle: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret<string>;
}

/** Everything that an operator can set, parsed once by `loadConfig`. Durations are milliseconds, sizes bytes. */
export interface Config {
  readonly app: {
    /** Keys the hashes under which verdicts and the secrets of systems are kept: 32 bytes. */
    readonly key: Secret<Buffer>;
    /** An IANA zone, for daily schedules. */
    readonly timezone: string;
    readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
    /** Scheduler and worker write it while they are well. */
    readonly heartbeatFile: string | undefined;
  };
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Addresses or CIDR ranges whose `X-Forwarded-*` are believed. */
    readonly trustedProxies: readonly string[];
    /** Asks for milestone releases; nobody may while it is `undefined`. */
    readonly milestoneToken: Secret<string> | undefined;
  };
  /** The folder for everything Parceler keeps on this machine. */
  readonly storagePath: string;
  readonly database:
    | { readonly driver: 'sqlite'; readonly file: string }
    /** With its password. */
    | { readonly driver: 'postgres'; readonly url: Secret<URL> };
  readonly queue:
    | { readonly driver: 'file'; readonly file: string }
    | { readonly driver: 'postgres' | 'redis'; readonly url: Secret<URL> };
  /** Where verdicts are shared. */
  readonly cache: { readonly store: 'database' } | { readonly store: 'redis'; readonly url: Secret<URL> };
  readonly disk: { readonly driver: 'local'; readonly root: string } | ({ readonly driver: 's3' } & S3Settings);
  /** Sync commands save content below `source` in this folder of this machine. */
  readonly source: { readonly root: string };
  /** How files leave: `accel` is for a disk of this machine, links are for a bucket. */
  readonly delivery: 'auto' | 'stream' | 'redirect' | 'accel';
  readonly sync: {
    /** A cron expression: when repositories without one of their own are synced. */
    readonly schedule: string;
    readonly timeoutMs: number;
    readonly idleTimeoutMs: number;
    /** What sync commands see of our environment, which may hold what upstreams want to know. */
    readonly environment: Secret<Readonly<Record<string, string>>>;
  };
  readonly worker: { readonly concurrency: number };
  readonly checks: {
    /** A snapshot whose files or bytes fell by more than this fraction is held. */
    readonly shrink: number;
  };
  readonly importing: {
    /** What an original Parceler calls its folder of snapshots. */
    readonly snapshotsFolder: string;
  };
  readonly retention: { readonly supersededMs: number; readonly runsMs: number };
  readonly entitlement: {
    readonly realm: string;
    readonly enterprise: { readonly endpoint: URL | undefined; readonly cacheTtlMs: number };
    readonly community: { readonly endpoint: URL | undefined; readonly cacheTtlMs: number };
    readonly graceMs: number;
    readonly timeoutMs: number;
    /** Calls to an authority under way at once. */
    readonly concurrency: number;
  };
}

export const CONFIG = token<Config>('Config');
