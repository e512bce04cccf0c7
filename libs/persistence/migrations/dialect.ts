import { type QueryRunner } from 'typeorm';

import { DATABASE_NOW_FUNCTION } from '../database-time.js';

/** The few words in which SQLite and PostgreSQL differ when tables are made. */
export interface Dialect {
  readonly id: string;
  /** Whole numbers up to 2^53: sizes in bytes, milliseconds since 1970. */
  readonly int: string;
  /** Text that is compared and sorted by its UTF-8 bytes. */
  readonly text: string;
  /** How functions are made that connections do not bring along, by name. */
  readonly functions: Readonly<Record<string, string>>;
}

const SQLITE: Dialect = {
  id: 'integer primary key autoincrement',
  int: 'integer',
  text: 'text',
  functions: {},
};

const POSTGRES: Dialect = {
  id: 'bigint generated always as identity primary key',
  int: 'bigint',
  text: 'text collate "C"',
  functions: {
    // Not the time at which the transaction began: it may have waited for others since.
    [DATABASE_NOW_FUNCTION]: `create function ${DATABASE_NOW_FUNCTION}() returns bigint language sql volatile
      as 'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint'`,
  },
};

export const dialectOf = (runner: QueryRunner): Dialect =>
  runner.dataSource.options.type === 'postgres' ? POSTGRES : SQLITE;
