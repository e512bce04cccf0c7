import { type MigrationInterface, type QueryRunner } from 'typeorm';

import { migrations } from './migrations/all.js';
import { openDatabase } from './open-database.js';
import { describeEachDatabase } from './testing/each-database.js';
import { schemaOf, undoMigrations } from './testing/schema-of.js';
import { type EmptyPlace } from './testing/temporary-database.js';

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

describeEachDatabase('migrations', (_makeDatabase, makePlace) => {
  let place: EmptyPlace;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => place.remove());

  const schema = () => schemaOf(place.location);
  const openWith = async (list = migrations): Promise<readonly string[]> => {
    const database = await openDatabase(place.location, [], { migrations: list });
    await database.close();
    return database.migrated;
  };

  it('are run once, and say which they were', async () => {
    expect(await openWith()).toEqual(migrations.map(({ name }) => name));
    expect(await openWith()).toEqual([]);
  });

  it('lead back to an empty database, and up again to the same one', async () => {
    await openWith();
    const up = await schema();
    expect(up.length).toBeGreaterThan(10);
    await undoMigrations(place.location);
    expect(await schema()).toEqual([]);
    await openWith();
    expect(await schema()).toEqual(up);
  });

  it.each([
    ['fails half way', Broken1999000000000],
    ['leaves a broken reference', Dangling1999000000001],
  ])('change nothing when one %s, and go on at the next start (T-19)', async (_what, faulty) => {
    await openWith();
    const before = await schema();
    await expect(openWith([...migrations, faulty])).rejects.toThrow();
    expect(await schema()).toEqual(before);
    expect(await openWith()).toEqual([]);
  });

  it('leave a fresh file empty when one fails', async () => {
    await expect(openWith([...migrations, Broken1999000000000])).rejects.toMatchObject({
      kind: 'internal',
      code: 'DATABASE_MIGRATION_FAILED',
    });
    expect(await schema()).toEqual([]);
    expect(await openWith()).toHaveLength(migrations.length);
  });

  it('are run by one of two that open a fresh file at once', async () => {
    const ran = await Promise.all([openWith(), openWith()]);
    expect(ran.map(({ length }) => length).sort()).toEqual([0, migrations.length]);
  });
});
