import { type EntityManager } from 'typeorm';

import { AppError } from '#libs/kernel/errors.js';

import { type Fence } from './lease.js';

/**
 * Called first in every transaction that a lease protects: the holder that was overtaken changes nothing (trust I-13).
 *
 * @throws AppError `LEASE_LOST`
 */
export async function assertFence(manager: EntityManager, { name, token }: Fence): Promise<void> {
  const row = await manager
    .createQueryBuilder()
    .select('token')
    .from('leases', 'lease')
    .where('name = :name and owner is not null', { name })
    .getRawOne<{ token: number }>();
  if (row === undefined || Number(row.token) !== token) {
    throw new AppError('conflict', 'LEASE_LOST', `Another process has taken over "${name}" meanwhile.`);
  }
}
