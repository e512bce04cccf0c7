import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import type BetterSqlite3 from 'better-sqlite3';
import { DataSource, type EntitySchema } from 'typeorm';

import { systemClock, type Clock } from '#libs/kernel/clock.js';

import { auditTable } from './audit.js';
import { Database } from './database.js';
import { DATABASE_NOW_FUNCTION } from './database-time.js';
import { leaseTable } from './lease.table.js';
import { migrations } from './migrations/all.js';
import { migrate } from './migrate.js';

export interface SqliteLocation {
  readonly driver: 'sqlite';
  readonly file: string;
}

/** trust 2.7: a lost last commit would un-publish what clients have seen, hence FULL. */
const PRAGMAS = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = ON',
  'busy_timeout = 5000',
  'trusted_schema = OFF',
  'journal_size_limit = 67108864',
];

/**
 * Opens the database and brings its schema up to date.
 *
 * @param tables what the features' stores map, from their modules
 */
export async function openDatabase(
  location: SqliteLocation,
  tables: readonly EntitySchema[],
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Promise<Database> {
  mkdirSync(dirname(location.file), { recursive: true });
  const writer = await sqliteSource(location.file, tables, clock).initialize();
  await migrate(writer);
  const reader = await sqliteSource(location.file, tables, clock).initialize();
  const version = (reader.driver as unknown as { databaseConnection: BetterSqlite3.Database }).databaseConnection
    .prepare('PRAGMA data_version')
    .pluck();
  return new Database(reader, writer, { begin: 'BEGIN IMMEDIATE', version: () => version.get() as number });
}

function sqliteSource(file: string, tables: readonly EntitySchema[], clock: Clock): DataSource {
  return new DataSource({
    type: 'better-sqlite3',
    database: file,
    entities: [...new Set([auditTable, leaseTable, ...tables])],
    migrations: [...migrations],
    prepareDatabase: (connection: BetterSqlite3.Database) => {
      for (const pragma of PRAGMAS) connection.pragma(pragma);
      connection.function(DATABASE_NOW_FUNCTION, () => clock.now().getTime());
    },
  });
}
