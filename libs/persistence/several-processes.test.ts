import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { build } from 'esbuild';

import { actor } from '#libs/kernel/actor.js';

import { auditTable, recordAudit } from './audit.js';
import { type Database } from './database.js';
import { openDatabase } from './open-database.js';
import { describeEachDatabase } from './testing/each-database.js';
import { textOf } from './testing/location-text.js';
import { type EmptyPlace } from './testing/temporary-database.js';

const ROOT = resolve(__dirname, '../..');

describeEachDatabase('a database that several processes use', (_makeDatabase, makePlace) => {
  let folder: string;
  let program: string;
  let place: EmptyPlace;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parceler-processes-'));
    program = join(folder, 'database-process.cjs');
    await build({
      entryPoints: [join(__dirname, 'testing/database-process.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      packages: 'external',
      conditions: ['types'],
      logLevel: 'error',
    });
  });
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await place.remove();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Starts one, and waits for its end or for a word that it says. */
  function start(what: string, count = 1) {
    const child = spawn(process.execPath, [program, what, textOf(place.location), String(count)], {
      env: { PATH: process.env['PATH'], NODE_PATH: join(ROOT, 'node_modules') },
    });
    children.push(child);
    const said: string[] = [];
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => said.push(line));
    const ended = once(child, 'close').then(() => ({ said, complaints }));
    const saying = async (word: string) => {
      while (!said.includes(word)) await once(lines, 'line');
    };
    return { child, ended, saying };
  }

  const opened = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    const database = await openDatabase(place.location, []);
    return work(database).finally(() => database.close());
  };
  const subjects = (database: Database) =>
    database.read(async (manager) => (await manager.find(auditTable)).map(({ subject }) => subject));
  const write = (database: Database, subject: string) =>
    database.write((manager) =>
      recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject }),
    );

  it('is made by one of those that start at once, and used by all (T-19)', async () => {
    const ends = await Promise.all(Array.from({ length: 4 }, () => start('open').ended));
    expect(ends).toEqual(Array.from({ length: 4 }, () => ({ said: ['opened', 'done'], complaints: '' })));
    expect(await opened(subjects)).toEqual([]);
  }, 30_000);

  it('takes the writes of four processes without one being refused (T-79)', async () => {
    const ends = await Promise.all(Array.from({ length: 4 }, () => start('hammer', 50).ended));
    expect(ends.map(({ complaints }) => complaints)).toEqual(['', '', '', '']);
    expect(await opened(subjects)).toHaveLength(200);
  }, 60_000);

  it('gives each token of a lease to one process alone (I-13)', async () => {
    const ends = await Promise.all(Array.from({ length: 3 }, () => start('leases', 20).ended));
    expect(ends.map(({ complaints }) => complaints)).toEqual(['', '', '']);
    const expected = Array.from({ length: 60 }, (_, index) => `token:${String(index + 1)}`);
    expect(await opened(subjects)).toEqual(expected);
  }, 60_000);

  it('goes on being read, and leaves this process free, while a stopped one holds the lock (T-81)', async () => {
    await opened(async (database) => {
      const holder = start('hold');
      await holder.saying('holding');
      holder.child.kill('SIGSTOP');
      const written = write(database, 'waited');
      const began = performance.now();
      for (let round = 0; round < 20; round += 1) {
        expect(await subjects(database)).toEqual([]);
        await delay(5); // meanwhile the write asks for the lock, again and again
      }
      expect(performance.now() - began).toBeLessThan(3_000); // SQLite's own waiting would stop everything for 5 s
      holder.child.kill('SIGCONT');
      holder.child.stdin.write('go on');
      await written;
      expect(await subjects(database)).toEqual(['held', 'waited']);
    });
  }, 30_000);

  it('says that it is busy when the lock is held for too long (T-81)', async () => {
    const database = await openDatabase(place.location, [], { lockPatienceMs: 50 });
    await start('hold').saying('holding');
    await expect(write(database, 'refused')).rejects.toMatchObject({ kind: 'unavailable', code: 'DATABASE_BUSY' });
    await database.close();
  }, 30_000);

  it('forgets the transaction of a process that was killed in it (T-11)', async () => {
    await opened(async (database) => {
      const holder = start('hold');
      await holder.saying('holding');
      holder.child.kill('SIGKILL');
      await holder.ended;
      await write(database, 'after');
      expect(await subjects(database)).toEqual(['after']);
    });
  }, 30_000);
});
