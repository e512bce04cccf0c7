import { auditTable } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';

import { type ChangeFeed } from '../../served-snapshots.js';
import { PreparedQuery } from './prepared-query.js';

/**
 * Every change of a repository or snapshot leaves an audit record (trust I-30), and what a running system writes by itself
 * leaves none, which makes the number of the latest record a feed of changes.
 */
export function databaseChanges(database: Database): ChangeFeed {
  let latest: PreparedQuery<{ readonly id: number | null }> | undefined;
  return {
    version: () => database.version(),
    lastChange: async () => {
      const [row] = await database.read((manager) => {
        latest ??= new PreparedQuery(manager.createQueryBuilder(auditTable, 'audit').select('max(audit.id)', 'id'));
        return latest.run(manager, {});
      });
      return row?.id ?? 0;
    },
  };
}
