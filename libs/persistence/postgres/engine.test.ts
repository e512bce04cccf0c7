import { EventEmitter, once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { Secret } from '#libs/config/secret.js';
import { actor } from '#libs/kernel/actor.js';

import { auditTable, recordAudit } from '../audit.js';
import { type Database } from '../database.js';
import { openDatabase } from '../open-database.js';
import { OWNER, PostgresServer } from '../testing/postgres-server.js';

const SERVER_STARTS_WITHIN = 30_000; // ms

describe('a database on PostgreSQL', () => {
  let server: PostgresServer;
  let name: string;
  const opened: Database[] = [];

  beforeAll(async () => {
    server = await PostgresServer.start(['synchronous_commit=off']);
  }, SERVER_STARTS_WITHIN);
  beforeEach(async () => {
    name = await server.create();
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });
  afterAll(() => server.remove());

  const open = async (lockPatienceMs = 20_000): Promise<Database> => {
    const location = { driver: 'postgres', url: new Secret(new URL(server.url(name))) } as const;
    const database = await openDatabase(location, [], { lockPatienceMs });
    opened.push(database);
    return database;
  };
  const write = (database: Database, subject = 'it') =>
    database.write((manager) =>
      recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject }),
    );
  const subjects = (database: Database) =>
    database.read(async (manager) => (await manager.find(auditTable)).map(({ subject }) => subject));

  it('cannot be written by a read', async () => {
    const database = await open();
    await expect(database.read((manager) => manager.query('delete from audit'))).rejects.toThrow('read-only');
  });

  it('gives whole numbers as numbers, and none that would not be exact', async () => {
    const database = await open();
    const number = (sql: string) =>
      database.read(async (manager) => (await manager.query<readonly object[]>(`select ${sql} as it`))[0]);
    expect(await number('count(*)')).toEqual({ it: 1 });
    expect(await number('9007199254740991::bigint')).toEqual({ it: Number.MAX_SAFE_INTEGER });
    await expect(number('9007199254740992::bigint')).rejects.toThrow('too large: 9007199254740992');
  });

  it('lets thousands read who come at once, over few connections (T-89)', async () => {
    const database = await open();
    const answers = await Promise.all(Array.from({ length: 3_000 }, () => subjects(database)));
    expect(answers).toEqual(answers.map(() => []));
    const [row] = await server.query<{ connections: string }>(
      `select count(*) as connections from pg_stat_activity where datname = '${name}'`,
    );
    expect(Number(row?.connections)).toBeLessThanOrEqual(6);
  });

  it('has its version changed by what was changed, and by nothing else', async () => {
    const database = await open();
    const before = database.version();
    await database.write((manager) => manager.query('select 1'));
    await database.write((manager) => manager.query('delete from audit'));
    await database.write(() => Promise.reject(new Error('on purpose'))).catch(() => undefined);
    expect(database.version()).toBe(before);
    await write(database);
    expect(database.version()).toBe(before + 1);
  });

  it('flushes each commit, whatever the server does for others', async () => {
    const database = await open();
    const setting = await database.write((manager) => manager.query('show synchronous_commit'));
    expect(setting).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('takes the lock from a transaction that says nothing for too long, and undoes it (T-81)', async () => {
    const [stopped, other] = [await open(600), await open()];
    const paused = new EventEmitter();
    const holds = once(paused, 'holds');
    const holding = stopped.write(async (manager) => {
      await recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject: 'stopped' });
      paused.emit('holds');
      await once(paused, 'goes on');
    });
    await holds;
    await write(other, 'other');
    paused.emit('goes on');
    await expect(holding).rejects.toMatchObject({ kind: 'unavailable', code: 'DATABASE_CONNECTION_LOST' });
    await write(stopped, 'again');
    expect(await subjects(other)).toEqual(['other', 'again']);
  });

  it('is written no more when it was made anew under the same name (T-83)', async () => {
    const database = await open();
    await write(database);
    expect([database.stillOurs(), database.isReplaced()]).toEqual([true, false]);
    await server.query(`drop database ${name} with (force)`);
    await expect(subjects(database)).rejects.toMatchObject({ code: 'DATABASE_MISSING' });
    expect(database.isReplaced()).toBe(false);
    await server.query(`create database ${name} owner ${OWNER}`);
    await expect(write(database)).rejects.toMatchObject({ kind: 'unavailable', code: 'DATABASE_REPLACED' });
    expect([database.stillOurs(), database.isReplaced()]).toEqual([false, true]);
  });

  it('is found damaged when a page cannot be read', async () => {
    const database = await open();
    await write(database);
    expect(await database.findDamage()).toBeUndefined();
    const [row] = await server.query<{ path: string }>(`select pg_relation_filepath('audit') as path`, name);
    await server.stop();
    const file = openSync(join(server.folder, 'data', row?.path ?? ''), 'r+');
    writeSync(file, Buffer.alloc(24, 0xa5), 0, 24, 0);
    closeSync(file);
    await server.start();
    expect(await (await open()).findDamage()).toBe('The database is damaged.');
  });
});
