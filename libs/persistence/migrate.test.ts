import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BetterSqlite3 } from './sqlite/driver.js';
import { type MigrationInterface, type QueryRunner } from 'typeorm';

import { systemClock } from '#libs/kernel/clock.js';

import { migrations } from './migrations/all.js';
import { openDatabase } from './open-database.js';
import { sqliteConnection } from './sqlite/connection.js';

class Broken1999000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table half_done (id integer)');
    await runner.query('create table audit (id integer)'); // is there already
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

class Dangling1999000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`insert into run_logs (run_id, part, content) values (4711, 1, '')`);
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

describe('migrations', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'migrate-'));
    file = join(folder, 'parceler.sqlite');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const schema = (): unknown[] => {
    const connection = new BetterSqlite3(file);
    const objects = connection
      .prepare(
        `select type, name, sql from sqlite_master where name not like 'sqlite_%' and tbl_name <> 'migrations' order by name`,
      )
      .all();
    connection.close();
    return objects;
  };
  const openWith = async (list = migrations): Promise<readonly string[]> => {
    const database = await openDatabase({ driver: 'sqlite', file }, [], { migrations: list });
    await database.close();
    return database.migrated;
  };

  it('are run once, and say which they were', async () => {
    expect(await openWith()).toEqual(migrations.map(({ name }) => name));
    expect(await openWith()).toEqual([]);
  });

  it('lead back to an empty database, and up again to the same one', async () => {
    await openWith();
    const up = schema();
    expect(up.length).toBeGreaterThan(10);
    const source = await sqliteConnection(
      { file, tables: [], migrations, clock: systemClock, lockPatienceMs: 0 },
      [],
    ).initialize();
    for (const _ of migrations) await source.undoLastMigration();
    await source.destroy();
    expect(schema()).toEqual([]);
    await openWith();
    expect(schema()).toEqual(up);
  });

  it.each([
    ['fails half way', Broken1999000000000],
    ['leaves a broken reference', Dangling1999000000001],
  ])('change nothing when one %s, and go on at the next start (T-19)', async (_what, faulty) => {
    await openWith();
    const before = schema();
    await expect(openWith([...migrations, faulty])).rejects.toThrow();
    expect(schema()).toEqual(before);
    expect(await openWith()).toEqual([]);
  });

  it('leave a fresh file empty when one fails', async () => {
    await expect(openWith([...migrations, Broken1999000000000])).rejects.toMatchObject({
      kind: 'internal',
      code: 'DATABASE_MIGRATION_FAILED',
    });
    expect(schema()).toEqual([]);
    expect(await openWith()).toHaveLength(migrations.length);
  });

  it('are run by one of two that open a fresh file at once', async () => {
    const ran = await Promise.all([openWith(), openWith()]);
    expect(ran.map(({ length }) => length).sort()).toEqual([0, migrations.length]);
  });
});
