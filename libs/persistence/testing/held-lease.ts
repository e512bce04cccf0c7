import { DatabaseLeases } from '../adapters/database-leases.js';
import { type Database } from '../database.js';
import { type Fence } from '../lease.js';

/** The fence of a lease that is held, until another process takes it over. */
export interface HeldLease {
  readonly fence: Fence;
  readonly overtake: () => Promise<unknown>;
}

export async function heldLease(database: Database, name = 'repository:debian'): Promise<HeldLease> {
  const leases = new DatabaseLeases(database);
  const lease = await leases.acquire(name, 'first', 60_000);
  if (lease === undefined) throw new Error('nobody else can hold it');
  return {
    fence: lease,
    overtake: async () => {
      await leases.release(lease);
      await leases.acquire(name, 'second', 60_000);
    },
  };
}

/** The same for stores in memory, which ask `holds`. */
export function heldLeaseInMemory(name = 'repository:debian'): HeldLease & { holds: (fence: Fence) => boolean } {
  let holder = 1;
  return {
    fence: { name, token: 1 },
    overtake: () => Promise.resolve((holder += 1)),
    holds: ({ token }) => token === holder,
  };
}
