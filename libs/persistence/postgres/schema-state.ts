import { type DataSource } from 'typeorm';

import { isUpToDate, MIGRATIONS_TABLE } from '../schema-state.js';
import { nameOf, type Place } from './place.js';

/** Also those that the user has no rights to: the information schema would leave them out. */
const TABLES = `select tablename as name from pg_tables where schemaname = current_schema()`;
const COLUMNS = `
  select attname as name from pg_attribute
  where attrelid = to_regclass(quote_ident(current_schema()) || '.${MIGRATIONS_TABLE}') and attnum > 0 and not attisdropped`;
const DONE = `select name from ${MIGRATIONS_TABLE}`;

/**
 * Whether all of the migrations were run on a database, found with a few cheap queries before anything is changed.
 *
 * @throws AppError `DATABASE_NEWER`, `DATABASE_FOREIGN`
 */
export async function isServerUpToDate(source: DataSource, known: readonly string[], place: Place): Promise<boolean> {
  const list = async (sql: string) =>
    (await source.query<readonly { readonly name: string }[]>(sql)).map(({ name }) => name);
  const columns = await list(COLUMNS);
  const done = columns.includes('name') ? await list(DONE) : [];
  return isUpToDate({ tables: await list(TABLES), columns, done }, known, {
    subject: `The ${nameOf(place)}`,
    wayOut: 'Set DATABASE_URL to a database of its own; an empty one will do.',
  });
}
