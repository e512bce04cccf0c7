import { type EntityManager } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';
import { AppError } from '#libs/kernel/errors.js';

import { APP_KEY_CHECK } from '../app-key-check.js';
import { recordAudit } from '../audit.js';
import { type Database } from '../database.js';
import { installationTable } from '../installation.table.js';
import { dialectOf } from '../migrations/dialect.js';
import { openDatabase } from '../open-database.js';
import { copyRows, countRows } from './copy-rows.js';
import { TABLES } from './tables.js';

/** Rows by table. */
export type RowCounts = Readonly<Record<string, number>>;

/**
 * Copies of a database, each an SQLite file of our schema whatever kind of database it is a copy of: so a backup can be
 * read by anybody, and put back into either kind.
 */
export class DatabaseCopies {
  constructor(private readonly database: Database) {}

  /**
   * Copies everything as it is at one instant, while others go on writing, into a file that is not there yet; then opens
   * the copy anew, and looks whether it is whole.
   *
   * @throws AppError `BACKUP_DAMAGED` when it is not
   */
  async save(file: string): Promise<RowCounts> {
    const counts: Record<string, number> = {};
    await withFile(file, (copy) =>
      this.database.readAtOnce((from) =>
        copy.write(async (to) => {
          for (const { name } of TABLES) await to.query(`delete from ${name}`); // some are not born empty
          for (const table of TABLES) counts[table.name] = await copyRows(from, to, table);
        }),
      ),
    );
    await assertWhole(file, counts);
    return counts;
  }

  /**
   * Puts the rows of such a copy in the place of those that there are, with a record of it that is newer than either's,
   * so that whoever watches for changes sees it. What is true of the installation, and not of what it keeps, stays.
   *
   * @param file of this version or an older one; it is brought up to date
   * @throws AppError `DATABASE_NEWER`, and then nothing has changed
   */
  async load(file: string, at: Date, act: Act): Promise<RowCounts> {
    return withFile(file, (copy) =>
      this.database.write(async (to) => {
        for (const { name } of CHANGED.toReversed()) await to.query(`delete from ${name}`);
        const counts: Record<string, number> = {};
        for (const table of RESTORED) counts[table.name] = await copy.read((from) => copyRows(from, to, table));
        await goOnCounting(to);
        await copy.read((from) => takeAppKey(from, to));
        await to.query('update generations set value = value + 1');
        await recordAudit(to, at, act, { action: 'restore-backup', subject: 'installation', details: counts });
        return counts;
      }),
    );
  }

  /** Whether nobody has entrusted anything to this database yet. */
  async isEmpty(): Promise<boolean> {
    return this.database.read(async (manager) => {
      for (const table of TABLES.filter(({ name }) => ENTRUSTED.has(name))) {
        if ((await countRows(manager, table)) > 0) return false;
      }
      return true;
    });
  }
}

const CHANGED = TABLES.filter(({ restored }) => restored !== 'kept');
const RESTORED = TABLES.filter(({ restored }) => restored === 'replaced');
const ENTRUSTED: ReadonlySet<string> = new Set(['repositories', 'systems']);

async function withFile<T>(file: string, work: (copy: Database) => Promise<T>): Promise<T> {
  const copy = await openDatabase({ driver: 'sqlite', file }, [installationTable]);
  try {
    return await work(copy);
  } finally {
    await copy.close(); // which leaves a single file
  }
}

/** What is written after this is numbered behind everything that ever was in either database. */
async function goOnCounting(manager: EntityManager): Promise<void> {
  const { goOnCounting: statement } = dialectOf(manager);
  for (const { name, numbered } of RESTORED) if (numbered && statement) await manager.query(statement(name));
}

/** The restored secrets of systems go with the key that they were hashed with. */
async function takeAppKey(from: EntityManager, to: EntityManager): Promise<void> {
  await to.delete(installationTable, { name: APP_KEY_CHECK });
  const row = await from.findOneBy(installationTable, { name: APP_KEY_CHECK });
  if (row) await to.insert(installationTable, row);
}

async function assertWhole(file: string, expected: RowCounts): Promise<void> {
  await withFile(file, async (copy) => {
    const damage = await copy.findDamage();
    if (damage !== undefined) throw damaged(file, damage);
    for (const table of TABLES) {
      const rows = await copy.read((manager) => countRows(manager, table));
      const wanted = expected[table.name];
      if (rows !== wanted) throw damaged(file, `${table.name} has ${String(rows)} rows, not ${String(wanted)}.`);
    }
  });
}

const damaged = (file: string, why: string): AppError =>
  new AppError('internal', 'BACKUP_DAMAGED', `The copy of the database in ${file} is not whole: ${why}`, {
    hint: 'Make another backup, on another volume.',
  });
