import type SQLite from 'better-sqlite3';
import { DataSource, type EntitySchema } from 'typeorm';

import { type Clock } from '#libs/kernel/clock.js';

import { auditTable } from '../audit.js';
import { DATABASE_NOW_FUNCTION } from '../database-time.js';
import { leaseTable } from '../lease.table.js';
import { type Migrations } from '../migrations/all.js';
import { MIGRATIONS_TABLE } from '../schema-state.js';
import { SILENT } from '../silent-logger.js';
import { BetterSqlite3 } from './driver.js';

export interface SqliteSettings {
  readonly file: string;
  readonly tables: readonly EntitySchema[];
  readonly migrations: Migrations;
  readonly clock: Clock;
  /** How long a transaction waits for another process to end its own. */
  readonly lockPatienceMs: number;
}

/** trust 2.7: a lost last commit would un-publish what clients have seen, hence FULL. */
const PRAGMAS = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = ON',
  'trusted_schema = OFF',
  'journal_size_limit = 67108864',
];

/**
 * A connection that is not open yet.
 *
 * @param pragmas settings beyond those of every connection
 * @param inspect called with the open connection before anything is changed; what it throws refuses the database
 */
export function sqliteConnection(
  { file, tables, migrations, clock }: SqliteSettings,
  pragmas: readonly string[],
  inspect: (connection: SQLite.Database) => void = () => undefined,
): DataSource {
  const prepare = (connection: SQLite.Database) => {
    inspect(connection);
    for (const pragma of [...PRAGMAS, ...pragmas]) connection.pragma(pragma);
    connection.function(DATABASE_NOW_FUNCTION, () => clock.now().getTime());
  };
  return new DataSource({
    type: 'better-sqlite3',
    driver: BetterSqlite3,
    database: file,
    timeout: 5_000,
    entities: [...new Set([auditTable, leaseTable, ...tables])],
    migrations: [...migrations],
    migrationsTableName: MIGRATIONS_TABLE,
    logger: SILENT,
    prepareDatabase: (connection: SQLite.Database) => {
      closingOnError(connection, prepare);
    },
  });
}

/** The connection beneath, for what TypeORM has no words for. */
export const connectionOf = (source: DataSource): SQLite.Database =>
  (source.driver as unknown as { readonly databaseConnection: SQLite.Database }).databaseConnection;

/** TypeORM forgets a connection that it could not prepare, with its file open. */
function closingOnError(connection: SQLite.Database, work: (connection: SQLite.Database) => void): void {
  try {
    work(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}
