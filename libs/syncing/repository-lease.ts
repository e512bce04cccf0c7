import { type Actor } from '#libs/kernel/actor.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Leases } from '#libs/persistence/lease.js';
import { USUAL_LEASE, withLease, type Held, type Leased } from '#libs/persistence/with-lease.js';

/**
 * Does what changes a repository's source or snapshots: one sync or removal at a time. `taken`: somebody else does so now,
 * and nothing was done.
 */
export const withRepositoryLease = <T>(
  leases: Leases,
  repository: RepositoryName,
  owner: Actor,
  work: (held: Held) => Promise<T>,
): Promise<Leased<T>> => withLease(leases, `repository:${repository}`, { ...USUAL_LEASE, owner }, work);
