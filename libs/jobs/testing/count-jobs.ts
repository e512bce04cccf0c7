import { BetterSqlite3 } from '#libs/persistence/sqlite/driver.js';

import { type JobState } from '../job-queue.js';

/** How many jobs of an embedded queue are in that state. */
export function countJobs(file: string, state: JobState): number {
  const database = new BetterSqlite3(file, { readonly: true });
  try {
    return database.prepare('select count(*) from jobs where state = ?').pluck().get(state) as number;
  } finally {
    database.close();
  }
}
