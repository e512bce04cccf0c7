import { systemClock } from '#libs/kernel/clock.js';
import { byBytes } from '#libs/kernel/byte-order.js';
import { type Database } from '#libs/persistence/database.js';
import { heldLease } from '#libs/persistence/testing/held-lease.js';
import { PostgresServer } from '#libs/persistence/testing/postgres-server.js';
import { type TemporaryDatabase } from '#libs/persistence/testing/temporary-database.js';
import { ServerDatabases } from '#libs/persistence/testing/temporary-server-database.js';
import { DatabaseRepositoryStore } from '#libs/repositories/adapters/database-repository-store.js';
import { repositoriesTables } from '#libs/repositories/repositories.module.js';

import { snapshotsTables } from '../../snapshots.module.js';
import { DEBIAN } from '../../testing/arbitrary-snapshots.js';
import { ACT, changesOf, newSnapshot } from '../../testing/index-under-test.js';
import { DatabaseCatalog } from './database-catalog.js';
import { DatabaseSnapshotStore } from './database-snapshot-store.js';

const FILES = 4_000;
const SETTINGS = {
  command: 'true',
  sourceFolder: undefined,
  delay: 7,
  holdBack: 'window',
  schedule: undefined,
  editions: ['community'],
} as const;

/** A server that has not counted a table's rows yet does not know that its indexes are worth using. */
describe('a catalog that just grew on PostgreSQL', () => {
  let server: PostgresServer;
  let temporary: TemporaryDatabase;
  beforeAll(async () => {
    server = await PostgresServer.start(['autovacuum=off']);
    temporary = await new ServerDatabases(server).make([...repositoriesTables, ...snapshotsTables]);
    await new DatabaseRepositoryStore(temporary.database).add(DEBIAN, SETTINGS, new Date(), ACT);
  }, 30_000);
  afterAll(async () => {
    await temporary.remove();
    await server.remove();
  });

  const paths = Array.from({ length: FILES }, (_, index) => `pool/${String(index)}`).toSorted(byBytes);
  /** Rows of the catalog that the server looks at for a piece of work. */
  const rowsRead = (database: Database, work: () => Promise<unknown>): Promise<number> =>
    database.write(async (manager) => {
      const count = async () => {
        const [row] = await manager.query<readonly { readonly rows: number }[]>(
          `select idx_tup_fetch + seq_tup_read as rows from pg_stat_xact_user_tables where relname = 'file_versions'`,
        );
        return row?.rows ?? 0;
      };
      const before = await count();
      await work();
      return (await count()) - before;
    });

  it('is written, looked up and listed without reading what was not asked for', async () => {
    const { database } = temporary;
    const store = new DatabaseSnapshotStore(database, systemClock);
    const catalog = new DatabaseCatalog(database);
    const { fence } = await heldLease(database);
    const publish = (sequence: number, changed: readonly string[]) =>
      store.publish(
        newSnapshot(sequence, FILES),
        changesOf(Object.fromEntries(changed.map((path) => [path, sequence]))),
        { ...ACT, fence },
      );
    const list = async () => {
      for await (const _ of catalog.files(DEBIAN, 2));
    };
    expect(await rowsRead(database, () => publish(1, paths))).toBe(0);
    expect(await rowsRead(database, () => publish(2, paths.slice(0, 1_000)))).toBeLessThanOrEqual(1_000);
    expect(await rowsRead(database, () => catalog.find(DEBIAN, 2, 'pool/77'))).toBeLessThanOrEqual(2);
    expect(await rowsRead(database, list)).toBeLessThanOrEqual(FILES + 1_000 + 10);
  });
});
