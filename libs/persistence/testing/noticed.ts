import { until } from '#libs/kernel/testing/until.js';

/** What another process may take to notice a commit: trust T-12 allows a second. */
const SECONDS = 1;

/** Commits something elsewhere, once, and waits until this database has noticed it: a server needs a moment to tell. */
export async function noticed<T>(database: { version(): number }, change: () => Promise<T>): Promise<T> {
  const before = database.version();
  const result = await change();
  await until(() => database.version() !== before, SECONDS);
  return result;
}
