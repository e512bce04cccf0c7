import { type EntityManager } from 'typeorm';

import { AppError } from '#libs/kernel/errors.js';

import { ALIVE, leaseTable } from './lease.table.js';
import { type Fence } from './lease.js';

/**
 * Called first in every transaction that a lease protects: a holder that was overtaken, or whose lease has run out,
 * changes nothing (trust I-13). One that ran out is refused even while nobody took it over, because somebody may have
 * acted on its being free.
 *
 * @throws AppError `LEASE_LOST`
 */
export async function assertFence(manager: EntityManager, { name, token }: Fence): Promise<void> {
  const current = await manager
    .createQueryBuilder(leaseTable, 'lease')
    .where('lease.name = :name and lease.token = :token', { name, token })
    .andWhere(ALIVE)
    .getExists();
  if (!current) throw leaseLost(name);
}

export const leaseLost = (name: string, cause?: unknown): AppError =>
  new AppError('conflict', 'LEASE_LOST', `The exclusive right to "${name}" was lost before the work was done.`, {
    hint: 'Nothing was changed after that. The work is tried again by itself.',
    cause,
  });
