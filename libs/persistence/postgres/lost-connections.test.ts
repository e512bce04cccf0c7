import { actor } from '#libs/kernel/actor.js';
import { type Fate, TcpProxy } from '#libs/kernel/testing/tcp-proxy.js';
import { until } from '#libs/kernel/testing/until.js';
import { Secret } from '#libs/config/secret.js';

import { auditTable, recordAudit } from '../audit.js';
import { type Database } from '../database.js';
import { openDatabase } from '../open-database.js';
import { noticed } from '../testing/noticed.js';
import { OWNER, PostgresServer } from '../testing/postgres-server.js';

const SERVER_STARTS_WITHIN = 30_000; // ms

describe('a connection to PostgreSQL that is lost', () => {
  let server: PostgresServer;
  let name: string;
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    server = await PostgresServer.start();
  }, SERVER_STARTS_WITHIN);
  beforeEach(async () => {
    name = await server.create();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  afterAll(() => server.remove());

  const open = async (port = server.port, lockPatienceMs = 5_000): Promise<Database> => {
    const url = new URL(server.url(name));
    url.port = String(port);
    const database = await openDatabase({ driver: 'postgres', url: new Secret(url) }, [], { lockPatienceMs });
    ends.push(() => database.close());
    return database;
  };
  const proxied = async (judge?: (said: string) => Fate): Promise<TcpProxy> => {
    const proxy = await TcpProxy.start(server.port, judge);
    ends.push(() => proxy.close());
    return proxy;
  };
  const write = (database: Database, subject: string) =>
    database.write((manager) =>
      recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject }),
    );
  const subjects = (database: Database) =>
    database.read(async (manager) => (await manager.find(auditTable)).map(({ subject }) => subject));
  const backends = (query: string) =>
    server.query<{ pid: number }>(
      `select pid from pg_stat_activity where usename = '${OWNER}' and datname = '${name}' and query ilike '${query}'`,
    );
  const terminate = (query: string) =>
    server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where usename = '${OWNER}' and datname = '${name}' and query ilike '${query}'`,
    );

  describe('while a transaction is committed (T-88)', () => {
    /** Happens to the next commit alone. */
    const atCommit = (fate: Fate) => {
      const told = { fate: 'pass' as Fate };
      const judge = (said: string): Fate => {
        const now = said.includes('; commit') ? told.fate : 'pass';
        if (now !== 'pass') told.fate = 'pass';
        return now;
      };
      return { judge, arrange: () => void (told.fate = fate) };
    };

    it.each<[Fate, string]>([
      ['cut after the answer', 'the answer is lost'],
      ['swallow the answer', 'the answer never comes'],
    ])('is no failure when it was committed: %s', async (fate) => {
      const { judge, arrange } = atCommit(fate);
      const database = await open((await proxied(judge)).port);
      const before = database.version();
      arrange();
      const writing = write(database, 'kept');
      if (fate === 'swallow the answer') {
        const other = await open();
        await until(async () => (await subjects(other)).length === 1);
        await terminate('%; commit');
      }
      await writing;
      expect(database.version()).not.toBe(before);
      expect(await subjects(database)).toEqual(['kept']);
    });

    it('says that it was undone when it was, and goes on', async () => {
      const { judge, arrange } = atCommit('cut');
      const database = await open((await proxied(judge)).port);
      arrange();
      await expect(write(database, 'lost')).rejects.toMatchObject({ code: 'DATABASE_CONNECTION_LOST' });
      await write(database, 'kept');
      expect(await subjects(database)).toEqual(['kept']);
    });

    it('says that nobody knows when the server cannot be asked', async () => {
      const { judge, arrange } = atCommit('cut');
      const proxy = await proxied((said) => {
        const fate = judge(said);
        if (fate === 'cut') proxy.silence();
        return fate;
      });
      const database = await open(proxy.port, 300);
      arrange();
      await expect(write(database, 'lost')).rejects.toMatchObject({
        kind: 'unavailable',
        code: 'DATABASE_OUTCOME_UNKNOWN',
      });
    }, 30_000);
  });

  it('undoes what had begun, and says so', async () => {
    const database = await open();
    const broken = database.write(async (manager) => {
      await recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject: 'lost' });
      await terminate('%insert into "audit"%');
      await recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject: 'lost, too' });
    });
    await expect(broken).rejects.toMatchObject({ kind: 'unavailable', code: 'DATABASE_CONNECTION_LOST' });
    await write(database, 'kept');
    expect(await subjects(database)).toEqual(['kept']);
  });

  it('is made anew: reading and writing go on after each was ended', async () => {
    const database = await open();
    await write(database, 'first');
    await terminate('%');
    await write(database, 'second');
    expect(await subjects(database)).toEqual(['first', 'second']);
  });

  it('bridges a restart of the server with what has not begun yet, and reads go on afterwards', async () => {
    const database = await open(undefined, 20_000);
    await write(database, 'before');
    await server.stop('immediate');
    await expect(subjects(database)).rejects.toMatchObject({ kind: 'unavailable', code: 'DATABASE_UNREACHABLE' });
    const waiting = write(database, 'after');
    await server.start();
    await waiting;
    expect(await subjects(database)).toEqual(['before', 'after']);
  }, 30_000);

  describe('that listens for changes (T-12)', () => {
    it('is made anew, and misses nothing meanwhile', async () => {
      const [database, other] = [await open(), await open()];
      for (let round = 0; round < 3; round += 1) {
        await terminate('%as hearing');
        await noticed(database, () => write(other, 'unheard'));
      }
      await until(async () => (await backends('%as hearing')).length === 2);
      await noticed(database, () => write(other, 'heard'));
    });

    it('is believed no longer when it falls silent', async () => {
      let isSilent = false;
      const judge = (said: string): Fate => (isSilent && said.includes('as hearing') ? 'swallow the answer' : 'pass');
      const [database, other] = [await open((await proxied(judge)).port), await open()];
      isSilent = true;
      await noticed(database, () => write(other, 'unheard'));
      await until(async () => (await backends('%as hearing')).length === 0, 10); // it is ended, and made anew
      await noticed(database, () => write(other, 'unheard again'));
    });

    it('counts nothing while the server is away, so that what is known is believed (I-24)', async () => {
      const proxy = await proxied();
      const database = await open(proxy.port);
      const before = database.version();
      proxy.silence();
      await expect(subjects(database)).rejects.toMatchObject({ code: 'DATABASE_CONNECTION_LOST' });
      expect(database.version()).toBe(before);
      proxy.silence(false);
      await until(() => database.version() !== before);
    }, 30_000);
  });
});
