import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { byBytes } from '#libs/kernel/byte-order.js';
import { messageOf } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';
import { systemCode } from '#libs/kernel/system-code.js';
import { BetterSqlite3 } from '#libs/persistence/sqlite/driver.js';
import { type KeyPrefix } from '#libs/storage/object-key.js';

import { notAParceler, originalUnreadable } from '../import-errors.js';
import { type Entry, type Original, type OriginalRepository } from '../original.js';

const COLUMNS = ['name', 'command', 'sub_dir', 'delay', 'freeze'];

/** Its database is SQLite, its storage a folder. */
export class OriginalOnDisk implements Original {
  repositories(databaseFile: string): readonly OriginalRepository[] {
    try {
      const database = new BetterSqlite3(databaseFile, { readonly: true, fileMustExist: true });
      try {
        return rowsOf(database, databaseFile).map(repositoryOf);
      } finally {
        database.close();
      }
    } catch (error) {
      if (!(error instanceof BetterSqlite3.SqliteError || error instanceof TypeError)) throw error;
      throw notAParceler(databaseFile, `SQLite says "${messageOf(error)}"`, error);
    }
  }

  storage(folder: string): string {
    try {
      const real = realpathSync.native(folder);
      if (statSync(real).isDirectory()) return real;
    } catch (error) {
      throw notAParceler(folder, `the folder cannot be opened (${systemCode(error)})`, error);
    }
    throw notAParceler(folder, 'it is no folder');
  }

  entries(storage: string, folder: KeyPrefix): readonly Entry[] {
    const path = join(storage, folder);
    try {
      return readdirSync(path, { withFileTypes: true })
        .filter(({ name }) => !name.startsWith('.'))
        .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
        .toSorted((a, b) => byBytes(a.name, b.name));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw originalUnreadable(printable(path), error);
    }
  }
}

type Row = Readonly<Record<string, unknown>>;

function rowsOf(database: InstanceType<typeof BetterSqlite3>, file: string): readonly Row[] {
  const columns = database.prepare<[], string>("select name from pragma_table_info('repositories')").pluck().all();
  const missing = COLUMNS.filter((column) => !columns.includes(column));
  if (columns.length === 0) throw notAParceler(file, 'it has no table "repositories"');
  if (missing.length > 0) throw notAParceler(file, `its table "repositories" has no ${missing.join(', ')}`);
  return database.prepare<[], Row>(`select ${COLUMNS.join(', ')} from repositories order by rowid`).all();
}

const repositoryOf = (row: Row): OriginalRepository => ({
  name: text(row['name']),
  command: text(row['command']),
  sourceFolder: text(row['sub_dir']),
  delay: text(row['delay']),
  frozenTo: text(row['freeze']) === '' ? undefined : text(row['freeze']),
});

/** SQLite takes values of any type in any column. */
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
