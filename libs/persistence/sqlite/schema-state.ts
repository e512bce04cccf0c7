import type BetterSqlite3 from 'better-sqlite3';

import { AppError } from '#libs/kernel/errors.js';

export const MIGRATIONS_TABLE = 'migrations';

/**
 * Whether all of the migrations were run on a database, found with two cheap queries before anything is changed.
 *
 * @throws AppError `DATABASE_NEWER`, `DATABASE_FOREIGN`
 */
export function isUpToDate(connection: BetterSqlite3.Database, known: readonly string[]): boolean {
  const tables = connection
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'")
    .pluck()
    .all();
  if (tables.length === 0) return false;
  if (!tables.includes(MIGRATIONS_TABLE) || !isOurs(connection)) throw foreign(connection.name);
  const done = connection.prepare(`select name from ${MIGRATIONS_TABLE}`).pluck().all() as string[];
  const newer = done.find((name) => !known.includes(name));
  if (newer !== undefined) throw newerThanWe(connection.name, newer);
  return known.every((name) => done.includes(name));
}

/** The original Parceler's framework keeps a table of that name as well, with other columns. */
function isOurs(connection: BetterSqlite3.Database): boolean {
  const columns = connection.prepare(`select name from pragma_table_info('${MIGRATIONS_TABLE}')`).pluck().all();
  return ['timestamp', 'name'].every((column) => columns.includes(column));
}

const foreign = (file: string): AppError =>
  new AppError('invalid', 'DATABASE_FOREIGN', `The database file ${file} belongs to another program.`, {
    hint: 'Set DB_DATABASE to a file of its own; it is made when it is missing.',
  });

const newerThanWe = (file: string, migration: string): AppError =>
  new AppError(
    'conflict',
    'DATABASE_NEWER',
    `The database file ${file} was written by a newer version of Parceler (${migration}).`,
    { hint: 'Run that version or a later one, or restore the backup that was made before the update.' },
  );
