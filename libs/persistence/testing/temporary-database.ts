import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type EntitySchema } from 'typeorm';

import { systemClock, type Clock } from '#libs/kernel/clock.js';

import { type Database } from '../database.js';
import { openDatabase } from '../open-database.js';

export interface TemporaryDatabase {
  readonly database: Database;
  readonly file: string;
  /** Closes the database and removes its folder. */
  readonly remove: () => Promise<void>;
}

/** A fresh SQLite database with the whole schema, in a folder of its own. */
export async function temporaryDatabase(
  tables: readonly EntitySchema[] = [],
  clock: Clock = systemClock,
): Promise<TemporaryDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'parceler-database-'));
  const file = join(folder, 'parceler.sqlite');
  const database = await openDatabase({ file }, tables, { clock });
  return {
    database,
    file,
    remove: async () => {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
