import { type DataSource } from 'typeorm';

/** Runs the migrations that are still missing. */
export async function migrate(source: DataSource): Promise<readonly string[]> {
  const done = await source.runMigrations({ transaction: 'all' });
  return done.map(({ name }) => name);
}
