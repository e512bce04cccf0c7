import { QueryFailedError } from 'typeorm';

const CODES = new Set<unknown>(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505']);

/**
 * Whether a statement failed because a unique value is taken. Where that is expected, prefer `orIgnore`: on PostgreSQL
 * a failed statement ends its whole transaction.
 */
export function isUniqueViolation(error: unknown): boolean {
  const driverError: unknown = error instanceof QueryFailedError ? error.driverError : undefined;
  return driverError instanceof Error && 'code' in driverError && CODES.has(driverError.code);
}
