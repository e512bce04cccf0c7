import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Clock } from '#libs/kernel/clock.js';

import { type DatabaseEngine } from '../database-engine.js';
import { DATABASE_NOW } from '../database-time.js';
import { type PostgresServer } from './postgres-server.js';

/** Makes a server go by a test's clock: its function for the time reads a file. */
export class TestTime {
  private constructor(
    private readonly file: string,
    private readonly clock: Clock,
  ) {}

  static async of(server: PostgresServer, database: string, clock: Clock): Promise<TestTime> {
    const time = new TestTime(join(server.folder, `${database}.now`), clock);
    time.tell();
    await server.query(
      `drop function ${DATABASE_NOW};
       create function ${DATABASE_NOW} returns bigint language sql volatile security definer
         as $$ select pg_read_file('${time.file}')::bigint $$`,
      database,
    );
    return time;
  }

  /** From now on it is that time there, until it is told again. */
  tell(): void {
    writeFileSync(this.file, String(this.clock.now().getTime()), { mode: 0o644 });
  }
}

/** The same database, which is told the time before each use. */
export const clockedBy = (time: TestTime, engine: DatabaseEngine): DatabaseEngine =>
  new Proxy(engine, {
    get(target, name) {
      if (name === 'reader' || name === 'transact') time.tell();
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
