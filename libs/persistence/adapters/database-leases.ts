import { type EntityManager, type SelectQueryBuilder } from 'typeorm';

import { type Database } from '../database.js';
import { DATABASE_NOW } from '../database-time.js';
import { ALIVE, leaseTable, type LeaseRow } from '../lease.table.js';
import { LONGEST_LEASE, type Lease, type Leases } from '../lease.js';

/** Leases as rows. A row stays when its lease is released, so that tokens do not begin anew. */
export class DatabaseLeases implements Leases {
  constructor(private readonly database: Database) {}

  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    return this.database.write(async (manager) => {
      const nobody = { name, owner: null, token: 0, expiresAt: 0 };
      await manager.createQueryBuilder().insert().into(leaseTable).values(nobody).orIgnore().execute();
      const { affected } = await manager
        .createQueryBuilder()
        .update(leaseTable)
        .set({ owner, token: () => 'token + 1', expiresAt: inFuture(ttlMs) })
        .where(`name = :name and not (${ALIVE})`, { name })
        .execute();
      return affected === 1 ? this.find(manager, name) : undefined;
    });
  }

  renew(lease: Lease, ttlMs: number): Promise<boolean> {
    return this.change(lease, { expiresAt: inFuture(ttlMs) });
  }

  async release(lease: Lease): Promise<void> {
    await this.change(lease, { owner: null });
  }

  async forget({ name, token, owner }: Lease): Promise<void> {
    await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .delete()
        .from(leaseTable)
        .where('name = :name and token = :token and owner = :owner', { name, token, owner })
        .execute(),
    );
  }

  holder(name: string): Promise<Lease | undefined> {
    return this.database.read((manager) => this.find(manager, name));
  }

  list(prefix: string): Promise<readonly Lease[]> {
    return this.database.read(async (manager) => {
      const rows = await alive(manager)
        .andWhere('substr(lease.name, 1, :length) = :prefix', { prefix, length: prefix.length })
        .orderBy('lease.name')
        .getMany();
      return rows.map(toLease);
    });
  }

  private async find(manager: EntityManager, name: string): Promise<Lease | undefined> {
    const row = await alive(manager).andWhere('lease.name = :name', { name }).getOne();
    return row === null ? undefined : toLease(row);
  }

  private change(
    { name, token, owner }: Lease,
    change: { owner: null } | { expiresAt: () => string },
  ): Promise<boolean> {
    return this.database.write(async (manager) => {
      const { affected } = await manager
        .createQueryBuilder()
        .update(leaseTable)
        .set(change)
        .where(`name = :name and token = :token and owner = :holder and ${ALIVE}`, { name, token, holder: owner })
        .execute();
      return affected === 1;
    });
  }
}

const alive = (manager: EntityManager): SelectQueryBuilder<LeaseRow> =>
  manager.createQueryBuilder(leaseTable, 'lease').where(ALIVE);

function inFuture(ttlMs: number): () => string {
  if (ttlMs > LONGEST_LEASE) throw new RangeError(`a lease of ${String(ttlMs)} ms would never count`);
  return () => `${DATABASE_NOW} + ${String(Math.round(ttlMs))}`;
}

const toLease = (row: LeaseRow): Lease => ({
  name: row.name,
  owner: row.owner ?? '',
  token: row.token,
  expiresAt: new Date(row.expiresAt),
});
