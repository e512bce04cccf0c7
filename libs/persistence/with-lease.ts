import { SECOND } from '#libs/kernel/duration.js';

import { leaseLost } from './fence.js';
import { type Fence, type Lease, type Leases } from './lease.js';

export interface LeaseTerms {
  /** Who holds it, for people: `worker:4711`. */
  readonly owner: string;
  readonly ttlMs: number;
  readonly renewEveryMs: number;
  /** Nobody will ever ask for that name again, and nobody asserts the fence: nothing of it is kept. */
  readonly once?: boolean;
}

/** A dead holder is replaced within half a minute, a live one may miss two renewals. */
export const USUAL_LEASE = { ttlMs: 30 * SECOND, renewEveryMs: 10 * SECOND } as const;

export interface Held {
  /** For `assertFence`, in every transaction of the work. */
  readonly fence: Fence;
  /** Aborted with an AppError `LEASE_LOST` when the lease is lost while the work goes on. */
  readonly signal: AbortSignal;
}

export type Leased<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'taken' };

/**
 * Does `work` while holding a lease, which is renewed meanwhile and released at the end, also when the work fails.
 * `taken`: somebody else holds it, and nothing was done.
 *
 * Work that comes to an end although the lease was lost counts: whether it changed anything was decided by its fence.
 */
export async function withLease<T>(
  leases: Leases,
  name: string,
  terms: LeaseTerms,
  work: (held: Held) => Promise<T>,
): Promise<Leased<T>> {
  const lease = await leases.acquire(name, terms.owner, terms.ttlMs);
  if (lease === undefined) return { kind: 'taken' };
  const renewal = new Renewal(leases, lease, terms);
  try {
    return { kind: 'done', value: await work({ fence: lease, signal: renewal.signal }) };
  } finally {
    await renewal.stop();
    const end = terms.once === true ? leases.forget(lease) : leases.release(lease);
    await end.catch(() => undefined); // it runs out by itself
  }
}

class Renewal {
  private readonly lost = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private renewing: Promise<void> | undefined;
  /** By the monotonic clock: when the lease was certainly alive for the last time, plus its time to live. */
  private expiresAt: number;

  constructor(
    private readonly leases: Leases,
    private readonly lease: Lease,
    private readonly terms: LeaseTerms,
  ) {
    this.expiresAt = performance.now() + terms.ttlMs;
    this.timer = setInterval(() => {
      this.renewing ??= this.renew().finally(() => (this.renewing = undefined));
    }, terms.renewEveryMs);
  }

  get signal(): AbortSignal {
    return this.lost.signal;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
  }

  private async renew(): Promise<void> {
    const asked = performance.now();
    try {
      if (await this.leases.renew(this.lease, this.terms.ttlMs)) this.expiresAt = asked + this.terms.ttlMs;
      else this.give(undefined);
    } catch (error) {
      // No answer is not a loss: tried again until the lease has certainly run out.
      if (performance.now() >= this.expiresAt) this.give(error);
    }
  }

  private give(cause: unknown): void {
    clearInterval(this.timer);
    this.lost.abort(leaseLost(this.lease.name, cause));
  }
}
