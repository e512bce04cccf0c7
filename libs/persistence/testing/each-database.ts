import { PostgresServer } from './postgres-server.js';
import { filePlace, type MakeDatabase, type MakePlace, temporaryFile } from './temporary-database.js';
import { ServerDatabases } from './temporary-server-database.js';

const SERVER_STARTS_WITHIN = 30_000; // ms

/** The same tests on each kind of database that Parceler runs on. Whatever a store does it does on all of them. */
export function describeEachDatabase(
  name: string,
  tests: (makeDatabase: MakeDatabase, makePlace: MakePlace) => void,
): void {
  describe(`${name} on SQLite`, () => tests(temporaryFile, filePlace));

  describe(`${name} on PostgreSQL`, () => {
    let server: PostgresServer;
    let databases: ServerDatabases;
    beforeAll(async () => {
      server = await PostgresServer.start();
      databases = new ServerDatabases(server);
    }, SERVER_STARTS_WITHIN);
    tests(
      (tables, clock) => databases.make(tables, clock),
      () => databases.place(),
    );
    afterAll(() => server.remove()); // after those of the tests
  });
}
