import { QueryFailedError } from 'typeorm';

import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

interface Explanation {
  readonly code: string;
  /** Goes on after "The database". */
  readonly problem: string;
  readonly hint: string;
}

const DAMAGED = 'Stop Parceler, keep a copy of the file, and restore the last backup.';
const RIGHTS = 'Give the user that Parceler runs as the right to read and write the file and its folder.';

/** By the beginning of SQLite's result code, the longer ones first. Anything else is a mistake of ours. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  SQLITE_READONLY_DBMOVED: {
    code: 'DATABASE_REPLACED',
    problem: 'was moved or replaced while it was in use',
    hint: 'Restart this process, so that it opens the file that is there now.',
  },
  SQLITE_BUSY: {
    code: 'DATABASE_BUSY',
    problem: 'has been kept locked by another process for too long',
    hint: 'Try again; if it stays so, look for a stopped process that has the file open.',
  },
  SQLITE_FULL: {
    code: 'DATABASE_FULL',
    problem: 'has no space left on its volume',
    hint: 'Free space on the volume; nothing has to be restarted.',
  },
  SQLITE_READONLY: {
    code: 'DATABASE_NOT_WRITABLE',
    problem: 'cannot be written',
    hint: `${RIGHTS} Look whether its volume is mounted read-only.`,
  },
  SQLITE_CANTOPEN: { code: 'DATABASE_CANNOT_OPEN', problem: 'cannot be opened', hint: RIGHTS },
  SQLITE_IOERR: {
    code: 'DATABASE_IO_ERROR',
    problem: 'lies on a volume that reports an error',
    hint: 'Look at the system log and the health of the volume.',
  },
  SQLITE_CORRUPT: { code: 'DATABASE_CORRUPT', problem: 'is damaged', hint: DAMAGED },
  SQLITE_NOTADB: {
    code: 'DATABASE_NOT_SQLITE',
    problem: 'is not an SQLite database',
    hint: `Look whether DB_DATABASE names the right file. If it does, the file is damaged. ${DAMAGED}`,
  },
};

/**
 * The failure as an AppError of the kind `unavailable` when its cause lies outside our statements, else as it is.
 *
 * @param file named in the message when it is given: not while requests of strangers are answered
 */
export function explainSqliteError(error: unknown, file?: string): unknown {
  const code = codeOf(error);
  const known = Object.keys(EXPLANATIONS).find((prefix) => code === prefix || code.startsWith(`${prefix}_`));
  const explanation = known === undefined ? undefined : EXPLANATIONS[known];
  if (explanation === undefined) return error;
  const subject = file === undefined ? 'The database' : `The database file ${file}`;
  return new AppError('unavailable', explanation.code, `${subject} ${explanation.problem}.`, {
    hint: explanation.hint,
    cause: error,
  });
}

export const isBusy = (error: unknown): boolean => /^SQLITE_BUSY(?:_|$)/.test(codeOf(error));

/** TypeORM wraps the driver's errors. */
const codeOf = (error: unknown): string => systemCode(error instanceof QueryFailedError ? error.driverError : error);
