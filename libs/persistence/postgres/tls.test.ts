import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Secret } from '#libs/config/secret.js';
import { SELF_SIGNED } from '#libs/entitlement/testing/self-signed.js';

import { openDatabase } from '../open-database.js';
import { PostgresServer } from '../testing/postgres-server.js';

const SERVER_STARTS_WITHIN = 30_000; // ms

describe('sslmode of a database on PostgreSQL, as psql understands it', () => {
  let server: PostgresServer;
  let name: string;
  let authority: string;
  beforeAll(async () => {
    server = await PostgresServer.start([], SELF_SIGNED);
    name = await server.create();
    authority = join(server.folder, 'authority.pem');
    writeFileSync(authority, SELF_SIGNED.cert);
  }, SERVER_STARTS_WITHIN);
  afterAll(() => server.remove());

  /** Whether the connection was encrypted, or why there was none. */
  const outcome = async (search: string, host = '127.0.0.1'): Promise<unknown> => {
    const url = new URL(`${server.url(name)}?${search.replace('AUTHORITY', authority)}`);
    url.hostname = host;
    try {
      const database = await openDatabase({ driver: 'postgres', url: new Secret(url) }, []);
      const [row] = await database.read((manager) =>
        manager.query<readonly { readonly ssl: boolean }[]>('select ssl from pg_stat_ssl where pid = pg_backend_pid()'),
      );
      await database.close();
      return row?.ssl;
    } catch (error) {
      return (error as { readonly code: unknown }).code;
    }
  };

  it.each([
    ['', false],
    ['sslmode=disable', false],
    ['sslmode=require', true],
    ['sslmode=verify-full', 'DATABASE_TLS_FAILED'], // nobody vouches for it
    ['sslmode=verify-full&sslrootcert=AUTHORITY', true],
    ['sslmode=verify-ca&sslrootcert=AUTHORITY', true],
    ['sslmode=verify-ca', 'DATABASE_TLS_FAILED'], // by which authority?
    ['sslmode=verify-full&sslrootcert=/none', 'DATABASE_TLS_FAILED'],
  ])('"%s" comes to %s', async (search, expected) => {
    expect(await outcome(search)).toBe(expected);
  });

  it('asks for the name of the host only when it is "verify-full"', async () => {
    expect(await outcome('sslmode=verify-ca&sslrootcert=AUTHORITY', 'localhost')).toBe(true);
    expect(await outcome('sslmode=verify-full&sslrootcert=AUTHORITY', 'localhost')).toBe('DATABASE_TLS_FAILED');
  });
});
