import { type DataSource } from 'typeorm';

import { systemClock } from '#libs/kernel/clock.js';

import { migrations } from '../migrations/all.js';
import { type DatabaseLocation } from '../open-database.js';
import { postgresConnection, UNHURRIED } from '../postgres/connection.js';
import { Greeting } from '../postgres/greeting.js';
import { placeOf } from '../postgres/place.js';
import { sqliteConnection } from '../sqlite/connection.js';

const SQLITE = `
  select type, name, sql from sqlite_master where name not like 'sqlite_%' and tbl_name <> 'migrations' order by name`;

const POSTGRES = `
  with ours as (select oid, relname from pg_class
                where relnamespace = 'public'::regnamespace and relname not like '%migrations%' and relname not like 'PK!_%' escape '!')
  select relname as name, attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' '
         || coalesce((select collname from pg_collation where oid = attcollation), '') as is
    from ours join pg_attribute on attrelid = ours.oid where attnum > 0
  union all select relname, pg_get_constraintdef(pg_constraint.oid) from ours join pg_constraint on conrelid = ours.oid
  union all select relname, pg_get_indexdef(indexrelid) from ours join pg_index on indexrelid = ours.oid
  union all select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace
  order by 1, 2`;

/** Every table, index and function, but for the record of migrations. */
export const schemaOf = (location: DatabaseLocation): Promise<readonly unknown[]> =>
  withSource(location, (source) => source.query(location.driver === 'sqlite' ? SQLITE : POSTGRES));

export async function undoMigrations(location: DatabaseLocation): Promise<void> {
  await withSource(location, async (source) => {
    for (const _ of migrations) await source.undoLastMigration();
  });
}

async function withSource<T>(location: DatabaseLocation, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = await connectionTo(location).initialize();
  return work(source).finally(() => source.destroy());
}

function connectionTo(location: DatabaseLocation): DataSource {
  const settings = { tables: [], migrations, lockPatienceMs: 0 };
  if (location.driver === 'sqlite') {
    return sqliteConnection({ ...settings, file: location.file, clock: systemClock }, []);
  }
  const url = location.url.reveal().href;
  return postgresConnection({ ...settings, url }, UNHURRIED, new Greeting(placeOf(url)));
}
