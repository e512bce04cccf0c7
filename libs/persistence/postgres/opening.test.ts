import { connect } from 'node:net';
import { once } from 'node:events';

import { Secret } from '#libs/config/secret.js';
import { type AppError } from '#libs/kernel/errors.js';
import { freePort } from '#libs/kernel/testing/free-port.js';
import { TcpProxy } from '#libs/kernel/testing/tcp-proxy.js';

import { openDatabase } from '../open-database.js';
import { OWNER, PostgresServer } from '../testing/postgres-server.js';

const SERVER_STARTS_WITHIN = 30_000; // ms
const CONNECTIONS = 8;

describe('opening a database on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start([`max_connections=${String(CONNECTIONS)}`, 'superuser_reserved_connections=3']);
  }, SERVER_STARTS_WITHIN);
  afterAll(() => server.remove());

  const open = (url: string) => openDatabase({ driver: 'postgres', url: new Secret(new URL(url)) }, []);
  const failure = async (url: string): Promise<AppError> => {
    const outcome = await open(url).then(
      (database) => database.close(),
      (error: unknown) => error as AppError,
    );
    if (outcome === undefined) throw new Error('it was opened');
    return outcome;
  };
  const tables = async (name: string) =>
    server.query(`select 1 from information_schema.tables where table_schema = 'public'`, name);

  it('names server and database, and says that it was empty', async () => {
    const name = await server.create();
    const database = await open(server.url(name));
    expect(database.place).toBe(`the database "${name}" at 127.0.0.1:${String(server.port)}`);
    expect(database.isNew).toBe(true);
    await database.close();
    const again = await open(server.url(name));
    expect([again.isNew, again.migrated]).toEqual([false, []]);
    await again.close();
  });

  const REFUSED: readonly (readonly [string, string, (name: string) => Promise<unknown>, (url: URL) => void])[] = [
    ['DATABASE_MISSING', 'there is none of that name', async () => undefined, (url) => (url.pathname = '/none')],
    [
      'DATABASE_LOGIN_REFUSED',
      'the password is wrong',
      async () => undefined,
      (url) => ([url.username, url.password] = ['guarded', 'canary']),
    ],
    [
      'DATABASE_LOGIN_REFUSED',
      'there is no password',
      async () => undefined,
      (url) => ([url.username, url.password] = ['guarded', '']),
    ],
    ['DATABASE_LOGIN_REFUSED', 'there is no such user', async () => undefined, (url) => (url.username = 'nobody')],
    [
      'DATABASE_TLS_FAILED',
      'the server has no TLS',
      async () => undefined,
      (url) => {
        url.searchParams.set('sslmode', 'require');
      },
    ],
    [
      'DATABASE_NOT_WRITABLE',
      'the user may not make tables',
      (name) => server.query(`alter database ${name} owner to admin`, name),
      () => undefined,
    ],
    [
      'DATABASE_FOREIGN',
      'it belongs to another program',
      (name) => server.query('create table things (id integer)', name),
      () => undefined,
    ],
    [
      'DATABASE_FOREIGN',
      "it has another framework's migrations",
      (name) => server.query('create table migrations (id integer, migration text, batch integer)', name),
      () => undefined,
    ],
    [
      'DATABASE_NEWER',
      'a later version has used it',
      async (name) => {
        await (await open(server.url(name))).close();
        await server.query(`insert into migrations (timestamp, name) values (9, 'Later1999999999999')`, name);
      },
      () => undefined,
    ],
  ];

  it.each(REFUSED)('is refused with %s, untouched, when %s', async (code, _what, happen, change) => {
    const name = await server.create();
    await happen(name);
    const before = await tables(name);
    const url = new URL(server.url(name));
    change(url);
    const error = await failure(url.href);
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(`at 127.0.0.1:${String(server.port)}`);
    expect(error.message).not.toContain('canary');
    expect(error.hint).toMatch(/\.$/);
    expect(await tables(name)).toEqual(before);
  });

  it('is refused when the database keeps text in another encoding', async () => {
    const name = await server.create('template0', `encoding 'LATIN1' locale 'C'`);
    expect(await failure(server.url(name))).toMatchObject({ kind: 'invalid', code: 'DATABASE_WRONG_ENCODING' });
  });

  it('is refused when there is one that says nothing', async () => {
    const proxy = await TcpProxy.start(server.port);
    proxy.silence();
    const error = await failure(`postgres://parceler@127.0.0.1:${String(proxy.port)}/parceler`);
    await proxy.close();
    expect(error).toMatchObject({ kind: 'unavailable', code: 'DATABASE_UNREACHABLE' });
  }, 15_000);

  it('is refused when no server is there', async () => {
    const error = await failure(`postgres://parceler@127.0.0.1:${String(await freePort())}/parceler`);
    expect(error).toMatchObject({ kind: 'unavailable', code: 'DATABASE_UNREACHABLE' });
  });

  it('is refused when the server takes no more connections', async () => {
    const name = await server.create();
    const others = Array.from({ length: CONNECTIONS - 3 }, () => connect(server.port, '127.0.0.1'));
    await Promise.all(others.map((other) => login(other, name)));
    expect(await failure(server.url(name))).toMatchObject({ code: 'DATABASE_TOO_MANY_CONNECTIONS' });
    for (const other of others) other.destroy();
  });
});

/** As much of the protocol as takes a place. */
async function login(socket: ReturnType<typeof connect>, database: string): Promise<void> {
  const words = Buffer.from(`\0\x03\0\0user\0${OWNER}\0database\0${database}\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeInt32BE(words.length + 4);
  socket.write(Buffer.concat([length, words]));
  await once(socket, 'data');
}
