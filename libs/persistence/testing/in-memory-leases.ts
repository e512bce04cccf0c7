import { type Clock } from '#libs/kernel/clock.js';
import { after } from '#libs/kernel/duration.js';

import { leaseLost } from '../fence.js';
import { LONGEST_LEASE, type Fence, type Lease, type Leases } from '../lease.js';

export class InMemoryLeases implements Leases {
  private readonly tokens = new Map<string, number>();
  private readonly held = new Map<string, Lease>();

  constructor(private readonly clock: Clock) {}

  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    if (ttlMs > LONGEST_LEASE) throw new RangeError('it would never count');
    if (this.alive(name) !== undefined) return Promise.resolve(undefined);
    const token = (this.tokens.get(name) ?? 0) + 1;
    this.tokens.set(name, token);
    const lease = { name, owner, token, expiresAt: after(this.clock.now(), ttlMs) };
    this.held.set(name, lease);
    return Promise.resolve(lease);
  }

  renew(lease: Lease, ttlMs: number): Promise<boolean> {
    const current = this.ownedBy(lease);
    if (current) this.held.set(lease.name, { ...current, expiresAt: after(this.clock.now(), ttlMs) });
    return Promise.resolve(current !== undefined);
  }

  release(lease: Lease): Promise<void> {
    if (this.ownedBy(lease)) this.held.delete(lease.name);
    return Promise.resolve();
  }

  forget({ name, token, owner }: Lease): Promise<void> {
    const last = this.held.get(name);
    if (last?.token === token && last.owner === owner) {
      this.held.delete(name);
      this.tokens.delete(name);
    }
    return Promise.resolve();
  }

  holder(name: string): Promise<Lease | undefined> {
    return Promise.resolve(this.alive(name));
  }

  list(prefix: string): Promise<readonly Lease[]> {
    const names = [...this.held.keys()].filter((name) => name.startsWith(prefix)).sort();
    return Promise.resolve(names.flatMap((name) => this.alive(name) ?? []));
  }

  /** What `assertFence` does on a database, for in-memory stores. */
  assertFence(fence: Fence): void {
    if (!this.current(fence)) throw leaseLost(fence.name);
  }

  private alive(name: string): Lease | undefined {
    const lease = this.held.get(name);
    const now = this.clock.now();
    return lease && lease.expiresAt > now && lease.expiresAt <= after(now, LONGEST_LEASE) ? lease : undefined;
  }

  private ownedBy(lease: Lease): Lease | undefined {
    const current = this.current(lease);
    return current?.owner === lease.owner ? current : undefined;
  }

  private current({ name, token }: Fence): Lease | undefined {
    const lease = this.alive(name);
    return lease?.token === token ? lease : undefined;
  }
}
