import { type DataSource } from 'typeorm';

import { isAppError } from '#libs/kernel/errors.js';

import { explainPostgresError } from './errors.js';

const TABLES = `
  select quote_ident(tablename) as name from pg_tables where schemaname = current_schema() order by tablename`;

const UNFINISHED = `
  select index.relname as name from pg_index
  join pg_class index on index.oid = pg_index.indexrelid
  where not indisvalid and index.relnamespace = to_regnamespace(current_schema())`;

type Named = readonly { readonly name: string }[];

/** Reads every row whole: the server then says where it cannot. Its own checksums, if it has any, are looked at thereby. */
export async function findDamage(source: DataSource): Promise<string | undefined> {
  const [index] = await source.query<Named>(UNFINISHED);
  if (index !== undefined) return `The index ${index.name} of the database is not valid.`;
  try {
    for (const { name } of await source.query<Named>(TABLES)) {
      await source.query(`select sum(length(whole::text)) from ${name} whole`);
    }
    return undefined;
  } catch (error) {
    const explained = explainPostgresError(error);
    if (isAppError(explained, 'DATABASE_CORRUPT')) return explained.message;
    throw explained;
  }
}
