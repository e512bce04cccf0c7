import { BetterSqlite3 } from './driver.js';
import { QueryFailedError } from 'typeorm';

import { isUniqueViolation } from '../unique-violation.js';
import { explainSqliteError, isBusy } from './errors.js';

const failure = (code: string) => new BetterSqlite3.SqliteError('from the library', code);
const wrapped = (code: string) => new QueryFailedError('select 1', [], failure(code));

describe('explainSqliteError', () => {
  it.each([
    ['SQLITE_BUSY', 'DATABASE_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 'DATABASE_BUSY'],
    ['SQLITE_FULL', 'DATABASE_FULL'],
    ['SQLITE_READONLY', 'DATABASE_NOT_WRITABLE'],
    ['SQLITE_READONLY_DIRECTORY', 'DATABASE_NOT_WRITABLE'],
    ['SQLITE_READONLY_DBMOVED', 'DATABASE_REPLACED'],
    ['SQLITE_CANTOPEN', 'DATABASE_CANNOT_OPEN'],
    ['SQLITE_IOERR_FSYNC', 'DATABASE_IO_ERROR'],
    ['SQLITE_CORRUPT', 'DATABASE_CORRUPT'],
    ['SQLITE_CORRUPT_INDEX', 'DATABASE_CORRUPT'],
    ['SQLITE_NOTADB', 'DATABASE_NOT_SQLITE'],
  ])('turns %s into %s', (sqlite, code) => {
    for (const error of [failure(sqlite), wrapped(sqlite)]) {
      expect(explainSqliteError(error)).toMatchObject({ kind: 'unavailable', code, cause: error });
    }
  });

  it.each(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_ERROR', 'SQLITE_BUSYBODY', ''])('leaves %s as it is', (sqlite) => {
    const error = wrapped(sqlite);
    expect(explainSqliteError(error)).toBe(error);
  });

  it('names the file only when it is asked to', () => {
    const message = (file?: string) => (explainSqliteError(wrapped('SQLITE_FULL'), file) as Error).message;
    expect(message()).toBe('The database has no space left on its volume.');
    expect(message('/data/p.sqlite')).toBe('The database file /data/p.sqlite has no space left on its volume.');
  });
});

it.each([
  ['SQLITE_BUSY', true],
  ['SQLITE_BUSY_RECOVERY', true],
  ['SQLITE_LOCKED', false],
])('isBusy(%s) is %s', (code, busy) => {
  expect(isBusy(wrapped(code))).toBe(busy);
});

it.each([
  ['SQLITE_CONSTRAINT_UNIQUE', true],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', true],
  ['SQLITE_CONSTRAINT_NOTNULL', false],
])('isUniqueViolation(%s) is %s', (code, unique) => {
  expect(isUniqueViolation(wrapped(code))).toBe(unique);
});
