import { type EntitySchema } from 'typeorm';

import { type Secret } from '#libs/config/secret.js';
import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { SECOND } from '#libs/kernel/duration.js';

import { type DatabaseEngine } from './database-engine.js';
import { Database } from './database.js';
import { migrations as allMigrations, type Migrations } from './migrations/all.js';
import { type PostgresSettings } from './postgres/settings.js';
import { type SqliteSettings } from './sqlite/connection.js';
import { SqliteEngine } from './sqlite/engine.js';
import { explainSqliteError } from './sqlite/errors.js';
import { preparePlace } from './sqlite/place.js';

/** Where the database is, as `config.ts` has it. */
export type DatabaseLocation =
  | {
      readonly driver: 'sqlite';
      /** Made when it is missing, together with its folder. */
      readonly file: string;
    }
  | { readonly driver: 'postgres'; readonly url: Secret<URL> };

export interface OpenOptions {
  /** The clock that leases go by; a server has its own. */
  readonly clock?: Clock;
  readonly migrations?: Migrations;
  /** How long a write waits for one of another process. */
  readonly lockPatienceMs?: number;
}

/** As long as four tries of 5 s each (trust T-79). */
const LOCK_PATIENCE_MS = 20 * SECOND;

/**
 * Opens the database and brings its schema up to date. Any number of processes may do so at once.
 *
 * @param tables what the features' stores map, from their modules
 * @throws AppError `DATABASE_…`, and then nothing was changed in it
 */
export async function openDatabase(
  location: DatabaseLocation,
  tables: readonly EntitySchema[],
  { clock = systemClock, migrations = allMigrations, lockPatienceMs = LOCK_PATIENCE_MS }: OpenOptions = {},
): Promise<Database> {
  const settings = { tables, migrations, lockPatienceMs };
  switch (location.driver) {
    case 'sqlite':
      return new Database(await openFile({ ...settings, file: location.file, clock }));
    case 'postgres':
      return new Database(await openOnServer({ ...settings, url: location.url.reveal().href }));
  }
}

async function openFile(settings: SqliteSettings): Promise<DatabaseEngine> {
  preparePlace(settings.file);
  try {
    return await SqliteEngine.open(settings);
  } catch (error) {
    throw explainSqliteError(error, settings.file);
  }
}

/** What it needs is loaded only where there is a server: a short command should start quickly. */
async function openOnServer(settings: PostgresSettings): Promise<DatabaseEngine> {
  const { openPostgres } = await import('./postgres/open-postgres.js');
  return openPostgres(settings);
}
