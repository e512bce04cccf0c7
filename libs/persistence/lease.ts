import { MINUTE } from '#libs/kernel/duration.js';
import { token } from '#libs/kernel/provider.js';

/**
 * Proof that its holder was the last to acquire a lease. The token grows by one with each acquisition, so a holder that
 * was paused past its expiry is told apart from its successor (a fencing token: Kleppmann, "How to do distributed locking", 2016).
 */
export interface Fence {
  readonly name: string;
  readonly token: number;
}

export interface Lease extends Fence {
  readonly owner: string;
  readonly expiresAt: Date;
}

/**
 * The longest that a lease may be asked for, in ms. One that seems to last longer was taken by a clock that was ahead,
 * and counts as over: nobody waits for that time to come (trust T-42).
 */
export const LONGEST_LEASE = 2 * MINUTE;

/** Exclusive rights that end by themselves. Time is the database's, so that skewed hosts agree. */
export interface Leases {
  /**
   * `undefined` while another owner's lease is alive. The same owner acquiring again is refused too: a lease is not re-entrant.
   *
   * @throws RangeError for more than `LONGEST_LEASE`
   */
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  /** False when the lease was lost meanwhile; it is then never won back by renewing. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Frees the name at once; a lease that was lost already is left alone. Tokens go on growing. */
  release(lease: Lease): Promise<void>;
  /**
   * As `release`, and keeps nothing of the name: its tokens begin anew. Only for names that are not meant to come again,
   * and whose fence nobody asserts; should one come again, owners that differ are still told apart.
   */
  forget(lease: Lease): Promise<void>;
  /** The live lease of that name. */
  holder(name: string): Promise<Lease | undefined>;
  /** The live leases whose name begins with `prefix`, by name. */
  list(prefix: string): Promise<readonly Lease[]>;
}

export const LEASES = token<Leases>('Leases');
