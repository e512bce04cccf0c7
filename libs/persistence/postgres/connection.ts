import { Socket } from 'node:net';

import * as pg from 'pg';
import { DataSource } from 'typeorm';

import { MINUTE, SECOND } from '#libs/kernel/duration.js';

import { auditTable } from '../audit.js';
import { leaseTable } from '../lease.table.js';
import { MIGRATIONS_TABLE } from '../schema-state.js';
import { SILENT } from '../silent-logger.js';
import { type Greeting } from './greeting.js';
import { withPlainMeaning } from './place.js';
import { type PostgresSettings } from './settings.js';
import { TYPES } from './types.js';

/** What connections are for. */
export interface Purpose {
  readonly connections: number;
  /** A server that says nothing for so long is not there any more, whatever TCP thinks; 0 is for ever. */
  readonly silenceMs: number;
  /** Of the session, as the server calls them. */
  readonly settings: Readonly<Record<string, string>>;
}

const milliseconds = (count: number): string => `${String(count)}ms`;

/**
 * Whatever we ask for has an index. The server would read a whole table all the same while it has not counted the rows of
 * one that just grew: publishing a large repository, or listing it right afterwards, took fifty times as long.
 */
const BY_INDEX = { enable_seqscan: 'off', enable_bitmapscan: 'off', jit: 'off' };

export const READING: Purpose = {
  connections: 4,
  silenceMs: 6 * SECOND,
  settings: { ...BY_INDEX, default_transaction_read_only: 'on', statement_timeout: milliseconds(5 * SECOND) },
};

/** A transaction whose process says nothing for half of the time that others wait is undone, and they go on. */
export const writing = (lockPatienceMs: number): Purpose => ({
  connections: 1,
  silenceMs: MINUTE + 5 * SECOND,
  settings: {
    ...BY_INDEX,
    default_transaction_isolation: 'read committed', // each statement sees what was committed before the lock was ours
    lock_timeout: milliseconds(lockPatienceMs),
    idle_in_transaction_session_timeout: milliseconds(Math.ceil(lockPatienceMs / 2)),
    statement_timeout: milliseconds(MINUTE),
  },
});

export const LISTENING: Purpose = {
  connections: 1,
  silenceMs: 2 * SECOND, // it is asked several times a second
  settings: { statement_timeout: milliseconds(SECOND) },
};

/** For migrations and whoever reads everything. */
export const UNHURRIED: Purpose = { connections: 1, silenceMs: 0, settings: { statement_timeout: '0' } };

/** So that a server notices within half a minute that the machine of a client is gone, and takes its locks away. */
const KEEPALIVE = {
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '4',
  client_connection_check_interval: '10s',
};

/** A lost last commit would un-publish what clients have seen (trust 2.7). */
const DURABLE = `set_config('synchronous_commit',
  case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, false)`;

/** How long to wait for one of the connections that there are, when thousands want to read at once (trust T-89). */
const WAIT_AT_MOST = 20 * SECOND;

/** The settings of the driver, for one connection or for a pool of them. */
export function clientConfig({ url }: PostgresSettings, { silenceMs }: Purpose): pg.ClientConfig {
  return {
    connectionString: withPlainMeaning(url),
    application_name: 'parceler',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
    types: TYPES,
    stream: () => mortalSocket(silenceMs),
  };
}

/** A pool of connections that is not open yet. */
export function postgresConnection(settings: PostgresSettings, purpose: Purpose, greeting: Greeting): DataSource {
  const { tables, migrations } = settings;
  return new DataSource({
    type: 'postgres',
    driver: pg,
    entities: [...new Set([auditTable, leaseTable, ...tables])],
    migrations: [...migrations],
    migrationsTableName: MIGRATIONS_TABLE,
    logger: SILENT,
    installExtensions: false,
    poolSize: purpose.connections,
    connectTimeoutMS: WAIT_AT_MOST,
    poolErrorHandler: () => undefined, // the pool makes a new one when it needs one
    extra: {
      ...clientConfig(settings, purpose),
      // Closed in good order before silence would end it.
      idleTimeoutMillis: Math.max(purpose.silenceMs - SECOND, SECOND),
      onConnect: (client: pg.ClientBase) => greeting.run(client, sessionSettings(purpose)),
    },
  });
}

export function sessionSettings({ settings }: Purpose): string {
  const all = Object.entries({ ...KEEPALIVE, ...settings });
  return `select ${[DURABLE, ...all.map(([name, value]) => `set_config('${name}', '${value}', false)`)].join(', ')}`;
}

function mortalSocket(silenceMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silenceMs, () => {
    const what =
      socket.bytesRead === 0 ? 'timeout: the server never said anything' : 'the server said nothing for too long';
    socket.destroy(new Error(what));
  });
  return socket;
}
