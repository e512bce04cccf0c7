import { QueryFailedError } from 'typeorm';

import { thrownProperty } from './thrown-property.js';

const CODES = new Set<unknown>(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505']);

/**
 * Whether a statement failed because a unique value is taken. Where that is expected, prefer `orIgnore`: on PostgreSQL
 * a failed statement ends its whole transaction.
 */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof QueryFailedError && CODES.has(thrownProperty(error.driverError, 'code'));
