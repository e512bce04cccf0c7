import { type DataSource } from 'typeorm';

import { AppError, messageOf } from '#libs/kernel/errors.js';

/**
 * Runs the migrations that are still missing, inside the transaction that the caller has begun.
 *
 * @throws AppError `DATABASE_MIGRATION_FAILED`
 */
export async function runMigrations(source: DataSource): Promise<readonly string[]> {
  try {
    const done = await source.runMigrations({ transaction: 'none' });
    return done.map(({ name }) => name);
  } catch (error) {
    throw new AppError(
      'internal',
      'DATABASE_MIGRATION_FAILED',
      `The database could not be brought up to date: ${messageOf(error)}`,
      { hint: 'Nothing was changed in it; the version that was in use before still works with it.', cause: error },
    );
  }
}
