import type SQLite from 'better-sqlite3';

import { AppError } from '#libs/kernel/errors.js';
import { BetterSqlite3 } from '#libs/persistence/sqlite/driver.js';
import { preparePlace } from '#libs/persistence/sqlite/place.js';
import { assertSafeLibrary } from '#libs/persistence/sqlite/safe-library.js';

import { SCHEMA, SCHEMA_VERSION } from './embedded-queue.sql.js';

/**
 * `synchronous = NORMAL`: a power cut may take the last moments' changes with it, but never harms the file. That is
 * enough here, because open work stands in the main database and is queued again from there (plan: due work is rows).
 */
const PRAGMAS = ['journal_mode = WAL', 'synchronous = NORMAL', 'trusted_schema = OFF', 'journal_size_limit = 16777216'];

const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the queue's own file and makes its table when it has none.
 *
 * @throws AppError `QUEUE_TOO_NEW`, and those of the guards that it shares with the main database
 */
export function openQueueDatabase(file: string): SQLite.Database {
  preparePlace(file);
  const database = new BetterSqlite3(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    assertSafeLibrary(database.prepare('select sqlite_version()').pluck().get() as string);
    for (const pragma of PRAGMAS) database.pragma(pragma);
    database.transaction(() => ensureSchema(database, file)).immediate();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function ensureSchema(database: SQLite.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > SCHEMA_VERSION) {
    throw new AppError('conflict', 'QUEUE_TOO_NEW', `The queue file "${file}" was written by a newer Parceler.`, {
      hint: 'Start the newer version, or move the file away: open work is queued again from the main database.',
    });
  }
  if (version === 0) {
    database.exec(SCHEMA);
    database.pragma(`user_version = ${String(SCHEMA_VERSION)}`);
  }
}
