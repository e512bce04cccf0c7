import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';

import { AppError, isAppError, messageOf } from '#libs/kernel/errors.js';

/**
 * Runs the migrations that are still missing, inside the transaction that the caller has begun.
 *
 * @param explain makes an AppError of what is not the migrations' fault
 * @param runner the connection of that transaction, where there is more than one
 *
 * @throws AppError `DATABASE_MIGRATION_FAILED`
 */
export async function runMigrations(
  source: DataSource,
  explain: (error: unknown) => unknown,
  runner?: QueryRunner,
): Promise<readonly string[]> {
  try {
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'none';
    const done = await executor.executePendingMigrations();
    return done.map(({ name }) => name);
  } catch (error) {
    const explained = explain(error);
    throw isAppError(explained) ? explained : migrationFailed(error);
  }
}

const migrationFailed = (cause: unknown): AppError =>
  new AppError(
    'internal',
    'DATABASE_MIGRATION_FAILED',
    `The database could not be brought up to date: ${messageOf(cause)}`,
    { hint: 'Nothing was changed in it; the version that was in use before still works with it.', cause },
  );
