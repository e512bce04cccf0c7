import { QueryFailedError } from 'typeorm';

import { systemCode } from '#libs/kernel/system-code.js';

const CODES = new Set(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505']);

/**
 * Whether a statement failed because a unique value is taken. Where that is expected, prefer `orIgnore`: on PostgreSQL
 * a failed statement ends its whole transaction.
 */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof QueryFailedError && CODES.has(systemCode(error.driverError));
