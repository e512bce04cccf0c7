import { AppError } from '#libs/kernel/errors.js';

export const MIGRATIONS_TABLE = 'migrations';

/** What a database was found to hold, before anything is changed in it. */
export interface FoundSchema {
  readonly tables: readonly string[];
  /** Of the table of migrations, if there is one. */
  readonly columns: readonly string[];
  /** The names of the migrations that were run on it. */
  readonly done: readonly string[];
}

/** How a database is called when it is refused, and how to give Parceler one of its own. */
export interface RefusedAs {
  readonly subject: string;
  readonly wayOut: string;
}

/**
 * Whether all of the migrations were run.
 *
 * @throws AppError `DATABASE_NEWER`, `DATABASE_FOREIGN`
 */
export function isUpToDate({ tables, columns, done }: FoundSchema, known: readonly string[], as: RefusedAs): boolean {
  if (tables.length === 0) return false;
  // The original Parceler's framework keeps a table of that name as well, with other columns.
  if (!['timestamp', 'name'].every((column) => columns.includes(column))) throw foreign(as);
  const newer = done.find((name) => !known.includes(name));
  if (newer !== undefined) throw newerThanWe(as, newer);
  return known.every((name) => done.includes(name));
}

const foreign = ({ subject, wayOut }: RefusedAs): AppError =>
  new AppError('invalid', 'DATABASE_FOREIGN', `${subject} belongs to another program.`, { hint: wayOut });

const newerThanWe = ({ subject }: RefusedAs, migration: string): AppError =>
  new AppError('conflict', 'DATABASE_NEWER', `${subject} was written by a newer version of Parceler (${migration}).`, {
    hint: 'Run that version or a later one, or restore the backup that was made before the update.',
  });
