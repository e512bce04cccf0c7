import { type QueryRunner } from 'typeorm';

/** The few words in which SQLite and PostgreSQL differ when tables are made. */
export interface Dialect {
  readonly id: string;
  /** Whole numbers up to 2^53: sizes in bytes, milliseconds since 1970. */
  readonly int: string;
  /** Text that is compared and sorted by its UTF-8 bytes. */
  readonly text: string;
}

export function dialectOf(runner: QueryRunner): Dialect {
  return runner.dataSource.options.type === 'postgres'
    ? { id: 'bigint generated always as identity primary key', int: 'bigint', text: 'text collate "C"' }
    : { id: 'integer primary key autoincrement', int: 'integer', text: 'text' };
}
