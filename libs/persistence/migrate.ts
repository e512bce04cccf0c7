import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';

import { AppError, messageOf } from '#libs/kernel/errors.js';

/**
 * Runs the migrations that are still missing, inside the transaction that the caller has begun.
 *
 * @param runner the connection of that transaction, where there is more than one
 * @throws AppError `DATABASE_MIGRATION_FAILED`
 */
export async function runMigrations(source: DataSource, runner?: QueryRunner): Promise<readonly string[]> {
  try {
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'none';
    const done = await executor.executePendingMigrations();
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
