import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BetterSqlite3 } from './sqlite/driver.js';

import { actor } from '#libs/kernel/actor.js';
import { type AppError, isAppError, messageOf } from '#libs/kernel/errors.js';

import { auditTable, recordAudit } from './audit.js';
import { type Database } from './database.js';
import { openDatabase } from './open-database.js';

describe('a database that something happens to', () => {
  let folder: string;
  let file: string;
  const opened: Database[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faults-'));
    file = join(folder, 'parceler.sqlite');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    rmSync(folder, { recursive: true });
  });

  const open = async (): Promise<Database> => {
    const database = await openDatabase({ driver: 'sqlite', file }, []);
    opened.push(database);
    return database;
  };
  const openAndClose = async () => (await open()).close();
  const write = (database: Database, subject = 'it', details: Record<string, unknown> = {}) =>
    database.write((manager) =>
      recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject, details }),
    );
  const subjects = (database: Database) =>
    database.read(async (manager) => (await manager.find(auditTable)).map(({ subject }) => subject));
  const pragma = (database: Database, text: string) => database.write((manager) => manager.query(`PRAGMA ${text}`));

  it('refuses writes while its volume is full, is read meanwhile, and recovers by itself (T-23)', async () => {
    const database = await open();
    await write(database, 'before');
    await pragma(database, 'max_page_count = 1'); // means: no more pages than there are
    const big = { text: 'x'.repeat(1_000_000) };
    await expect(write(database, 'lost', big)).rejects.toMatchObject({ kind: 'unavailable', code: 'DATABASE_FULL' });
    expect(await subjects(database)).toEqual(['before']);
    await pragma(database, 'max_page_count = 1000000');
    await write(database, 'after', big);
    expect(await subjects(database)).toEqual(['before', 'after']);
  });

  it('is ours after it was made, opened again, written, checkpointed and vacuumed', async () => {
    await openAndClose();
    const database = await open();
    expect(database.stillOurs()).toBe(true);
    await write(database);
    expect(database.stillOurs()).toBe(true);
    const other = new BetterSqlite3(file);
    other.pragma('wal_checkpoint(TRUNCATE)');
    other.exec('vacuum');
    other.close();
    await write(database);
    expect(database.stillOurs()).toBe(true);
    expect(database.isReplaced()).toBe(false);
  });

  it.each([
    [
      'its file is moved away',
      () => {
        renameSync(file, `${file}.old`);
      },
      false,
    ],
    [
      'its file is deleted',
      () => {
        unlinkSync(file);
      },
      false,
    ],
    [
      'another file is put in its place',
      () => {
        copyFileSync(file, `${file}.copy`);
        renameSync(`${file}.copy`, file);
      },
      true,
    ],
    [
      'its write-ahead log is deleted',
      () => {
        unlinkSync(`${file}-wal`);
      },
      true,
    ],
  ])('is written no more when %s (T-83)', async (_what, happen, isReplaced) => {
    const database = await open();
    await write(database);
    happen();
    expect(database.stillOurs()).toBe(false);
    expect(database.isReplaced()).toBe(isReplaced);
    await expect(write(database)).rejects.toMatchObject({ kind: 'unavailable', code: 'DATABASE_REPLACED' });
  });

  it.each([
    [
      'DATABASE_NOT_SQLITE',
      'text',
      () => {
        writeFileSync(file, 'x'.repeat(8_192));
      },
    ],
    [
      'DATABASE_CORRUPT',
      'a copy that broke off',
      () => {
        truncateSync(file, 50);
      },
    ],
    [
      'DATABASE_FOREIGN',
      "the original Parceler's database",
      () => {
        rmSync(file);
        const laravel = new BetterSqlite3(file);
        laravel.exec('create table migrations (id integer primary key, migration text, batch integer)');
        laravel.close();
      },
    ],
    [
      'DATABASE_FOREIGN',
      'the database of another program',
      () => {
        rmSync(file);
        const other = new BetterSqlite3(file);
        other.exec('create table things (id integer primary key)');
        other.close();
      },
    ],
    [
      'DATABASE_NEWER',
      'the database of a later version',
      () => {
        const later = new BetterSqlite3(file);
        later.exec(`insert into migrations (timestamp, name) values (9, 'Later1999999999999')`);
        later.close();
      },
    ],
  ])('is refused with %s, untouched, when it is %s (T-19, T-84)', async (code, _what, happen) => {
    await openAndClose();
    happen();
    const before = readFileSync(file);
    const error: unknown = await open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(messageOf(error)).toContain(file);
    expect((error as AppError).hint).toMatch(/\.$/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('is refused, or found damaged, or works, wherever bytes were flipped, and nothing else (T-84)', async () => {
    const database = await open();
    for (let round = 0; round < 50; round += 1) await write(database, `subject ${String(round)}`);
    expect(await database.findDamage()).toBeUndefined();
    await database.close();
    const whole = readFileSync(file);
    const outcomes = new Set<string>();
    for (let round = 0; round < 100; round += 1) {
      const offset = Math.floor((whole.length / 100) * round);
      const flipped = Buffer.from(whole);
      flipped.fill(0xa5, offset, offset + 16);
      writeFileSync(file, flipped);
      outcomes.add(await openAndLook());
    }
    expect([...outcomes]).toEqual(expect.arrayContaining(['works', 'damaged']));
    expect([...outcomes].filter((outcome) => !/^(works|damaged|DATABASE_\w+)$/.test(outcome))).toEqual([]);
  }, 30_000);

  async function openAndLook(): Promise<string> {
    try {
      const database = await open();
      const damage = await database.findDamage();
      await subjects(database);
      await database.close();
      return damage === undefined ? 'works' : 'damaged';
    } catch (error) {
      return isAppError(error) ? error.code : String(error);
    }
  }

  it('answers nobody once it is closed, and may be closed twice', async () => {
    const database = await open();
    await Promise.all([database.close(), database.close()]);
    await expect(subjects(database)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
    await expect(write(database)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
  });

  it('lets writes end that were asked for before it was closed', async () => {
    const database = await open();
    await Promise.all([write(database, 'first'), write(database, 'second'), database.close()]);
    expect(await subjects(await open())).toEqual(['first', 'second']);
  });

  it('cannot be written by a read', async () => {
    const database = await open();
    await expect(database.read((manager) => manager.query('delete from audit'))).rejects.toThrow();
  });
});
