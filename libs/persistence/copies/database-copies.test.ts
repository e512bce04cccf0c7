import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { actor } from '#libs/kernel/actor.js';

import { auditSince, recordAudit } from '../audit.js';
import { describeEachDatabase } from '../testing/each-database.js';
import { type TemporaryDatabase } from '../testing/temporary-database.js';
import { countRows } from './copy-rows.js';
import { DatabaseCopies } from './database-copies.js';
import { TABLES } from './tables.js';

const ACT = { actor: actor('cli', 'root') };
const AT = new Date('2026-03-10T12:00:00Z');

describeEachDatabase('DatabaseCopies', (makeDatabase) => {
  let one: TemporaryDatabase;
  let folder: string;
  let file: string;

  beforeEach(async () => {
    one = await makeDatabase();
    folder = mkdtempSync(join(tmpdir(), 'parceler-copies-'));
    file = join(folder, 'copy.sqlite');
  });
  afterEach(async () => {
    await one.remove();
    rmSync(folder, { recursive: true });
  });

  const record = (subject: string, { database }: Pick<TemporaryDatabase, 'database'> = one) =>
    database.write((manager) => recordAudit(manager, AT, ACT, { action: 'test', subject }));
  const subjects = async ({ database }: Pick<TemporaryDatabase, 'database'> = one) => {
    const rows = await database.read((manager) =>
      manager.query<{ subject: string; id: number }[]>('select id, subject from audit order by id'),
    );
    return rows.map(({ subject }) => subject);
  };
  const insert = (statement: string, { database }: Pick<TemporaryDatabase, 'database'> = one) =>
    database.write((manager) => manager.query(statement));
  const value = async (query: string): Promise<unknown> => {
    const [row] = await one.database.read((manager) => manager.query<Record<string, unknown>[]>(query));
    return row && Object.values(row)[0];
  };

  it('knows every table that there is', async () => {
    const { database } = one;
    for (const table of TABLES) expect(await database.read((manager) => countRows(manager, table))).toBeDefined();
    const inFile = await new DatabaseCopies(database).save(file);
    expect(Object.keys(inFile)).toEqual(TABLES.map(({ name }) => name));
    const names = await tablesOf(one);
    expect(names).toEqual([...TABLES.map(({ name }) => name), 'migrations'].sort());
  });

  it('puts back what was saved, and goes on numbering behind all that ever was', async () => {
    const copies = new DatabaseCopies(one.database);
    for (let number = 0; number < 2_500; number += 1000) await record(`kept ${String(number)}`);
    const counts = await copies.save(file);
    expect(counts['audit']).toBe(3);
    for (const name of ['lost', 'lost too']) await record(name);
    const last = Number(await value('select max(id) from audit'));

    const version = one.database.version();
    expect(await copies.load(file, AT, ACT)).toMatchObject({ audit: 3 });
    expect(await subjects()).toEqual(['kept 0', 'kept 1000', 'kept 2000', 'installation']);
    expect(Number(await value('select max(id) from audit'))).toBeGreaterThan(last);
    expect(one.database.version()).not.toBe(version);
    const [restored] = await one.database.read((manager) => auditSince(manager, ['installation'], AT));
    expect(restored).toMatchObject({ action: 'restore-backup', details: { audit: 3 } });
    await record('after');
    expect((await subjects()).at(-1)).toBe('after');
  });

  it('copies tables that do not fit into one statement', async () => {
    const rows = Array.from(
      { length: 2_345 },
      (_, number) => `('${String(number).padStart(64, '0')}', ${String(number)})`,
    );
    await insert(`insert into garbage_marks (sha256, marked_at) values ${rows.join(', ')}`);
    expect(await new DatabaseCopies(one.database).save(file)).toMatchObject({ garbage_marks: 2_345 });
  });

  it('keeps what is true of this installation, and of the other one its key', async () => {
    const copies = new DatabaseCopies(one.database);
    const set = (name: string, to: string) =>
      insert(`insert into installation (name, value) values ('${name}', '${to}')`);
    await set('app-key-check', 'then');
    await insert(`insert into leases (name, owner, token, expires_at) values ('x', null, 7, 0)`);
    await copies.save(file);
    await insert(`delete from installation`);
    await set('app-key-check', 'now');
    await set('maintenance', 'down');
    await insert(`update leases set token = 9`);
    const generation = Number(await value('select value from generations'));

    await copies.load(file, AT, ACT);
    expect(await value(`select value from installation where name = 'app-key-check'`)).toBe('then');
    expect(await value(`select value from installation where name = 'maintenance'`)).toBe('down');
    expect(await value(`select token from leases`)).toBe(9);
    expect(Number(await value('select value from generations'))).toBe(generation + 1);
  });

  it('copies one state, whatever is written meanwhile', async () => {
    const other = await one.another();
    const rows = await one.database.readAtOnce(async (manager) => {
      const count = () => countRows(manager, { name: 'audit', key: ['id'], restored: 'kept' });
      const before = await count();
      await record('meanwhile', { database: other });
      return [before, await count()];
    });
    expect(rows).toEqual([0, 0]);
    expect(await subjects()).toEqual(['meanwhile']);
  });

  it('changes nothing when the file is no good', async () => {
    const copies = new DatabaseCopies(one.database);
    await copies.save(file);
    await record('mine');
    truncateSync(file, 5_000);
    await expect(copies.load(file, AT, ACT)).rejects.toMatchObject({ code: 'DATABASE_CORRUPT' });
    expect(await subjects()).toEqual(['mine']);
  });

  it('tells an empty installation from one that somebody uses', async () => {
    const copies = new DatabaseCopies(one.database);
    expect(await copies.isEmpty()).toBe(true);
    await insert(`insert into systems (id, edition, secret_hash, created_at) values ('box', 'community', 'x', 0)`);
    expect(await copies.isEmpty()).toBe(false);
  });
});

async function tablesOf({ database }: TemporaryDatabase): Promise<readonly string[]> {
  const rows = await database.read((manager) =>
    manager.query<{ name: string }[]>(
      manager.dataSource.options.type === 'postgres'
        ? 'select table_name as name from information_schema.tables where table_schema = current_schema()'
        : `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`,
    ),
  );
  return rows.map(({ name }) => name).sort();
}
