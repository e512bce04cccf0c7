import type BetterSqlite3 from 'better-sqlite3';

import { isUpToDate, MIGRATIONS_TABLE, type FoundSchema } from '../schema-state.js';

/**
 * Whether all of the migrations were run on a database, found with a few cheap queries before anything is changed.
 *
 * @throws AppError `DATABASE_NEWER`, `DATABASE_FOREIGN`
 */
export function isFileUpToDate(connection: BetterSqlite3.Database, known: readonly string[]): boolean {
  return isUpToDate(schemaOf(connection), known, {
    subject: `The database file ${connection.name}`,
    wayOut: 'Set DB_DATABASE to a file of its own; it is made when it is missing.',
  });
}

function schemaOf(connection: BetterSqlite3.Database): FoundSchema {
  const list = (sql: string) => connection.prepare<[], string>(sql).pluck().all();
  const tables = list("select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'");
  const columns = list(`select name from pragma_table_info('${MIGRATIONS_TABLE}')`);
  return { tables, columns, done: columns.includes('name') ? list(`select name from ${MIGRATIONS_TABLE}`) : [] };
}
