import { once } from 'node:events';

import { actor } from '#libs/kernel/actor.js';
import { isAppError } from '#libs/kernel/errors.js';

import { auditTable, recordAudit } from '../audit.js';
import { DatabaseLeases } from '../adapters/database-leases.js';
import { type Database } from '../database.js';
import { openDatabase } from '../open-database.js';
import { locationAt } from './location-text.js';

/*
 * A process of its own, for tests of several that share a database: `node <this> <what> <file or address> [count]
 * [patience in ms]`. It says what it does on stdout, one word a line.
 */

const say = (word: string) => process.stdout.write(`${word}\n`);

const record = (database: Database, subject: string) =>
  database.write((manager) =>
    recordAudit(manager, new Date(), { actor: actor('worker') }, { action: 'test', subject }),
  );

const WHAT: Readonly<Record<string, (database: Database, count: number) => Promise<void>>> = {
  /** Opens and closes. */
  open: () => Promise.resolve(),

  /** Writes and reads `count` times. */
  hammer: async (database, count) => {
    for (let round = 0; round < count; round += 1) {
      await record(database, `hammer:${String(process.pid)}`);
      await database.read((manager) => manager.count(auditTable));
    }
  },

  /** Takes a lease, adds one to what only its holder may add to, gives it back; `count` times. */
  leases: async (database, count) => {
    const leases = new DatabaseLeases(database);
    for (let done = 0; done < count;) {
      const lease = await leases.acquire('counter', `worker:${String(process.pid)}`, 5_000);
      if (lease === undefined) continue;
      await record(database, `token:${String(lease.token)}`);
      await leases.release(lease);
      done += 1;
    }
  },

  /** Stays inside a transaction until something comes in. */
  hold: (database) =>
    database.write(async (manager) => {
      await recordAudit(manager, new Date(), { actor: actor('worker') }, { action: 'test', subject: 'held' });
      say('holding');
      await once(process.stdin, 'data');
      process.stdin.destroy();
    }),
};

async function main([what = '', place = '', count = '1', patience = '20000']: readonly string[]): Promise<void> {
  const database = await openDatabase(locationAt(place), [], { lockPatienceMs: Number(patience) });
  say('opened');
  await WHAT[what]?.(database, Number(count));
  await database.close();
  say('done');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  say(isAppError(error) ? error.code : String(error));
  process.exitCode = 1;
});
