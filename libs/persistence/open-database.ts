import { type EntitySchema } from 'typeorm';

import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { SECOND } from '#libs/kernel/duration.js';

import { Database } from './database.js';
import { migrations as allMigrations, type Migrations } from './migrations/all.js';
import { SqliteEngine } from './sqlite/engine.js';
import { explainSqliteError } from './sqlite/errors.js';
import { preparePlace } from './sqlite/place.js';

export interface SqliteLocation {
  /** Made when it is missing, together with its folder. */
  readonly file: string;
}

export interface OpenOptions {
  /** The clock that leases go by. */
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
 * @throws AppError `DATABASE_…`, and then nothing was changed in the file
 */
export async function openDatabase(
  location: SqliteLocation,
  tables: readonly EntitySchema[],
  { clock = systemClock, migrations = allMigrations, lockPatienceMs = LOCK_PATIENCE_MS }: OpenOptions = {},
): Promise<Database> {
  const { file } = location;
  preparePlace(file);
  try {
    return new Database(await SqliteEngine.open({ file, tables, migrations, clock, lockPatienceMs }));
  } catch (error) {
    throw explainSqliteError(error, file);
  }
}
