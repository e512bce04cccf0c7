import { type EntityManager } from 'typeorm';

import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { recordAudit } from '#libs/persistence/audit.js';

import { type SnapshotState } from '../../snapshot.js';
import { ENDS_SERVICE, type MovingAct } from '../../snapshot-store.js';
import { subjectOf } from './snapshot-records.js';
import { snapshotTable } from './snapshot.table.js';
import { REPOSITORY_ID } from './snapshots-of.js';

const NOT_FROZEN_TO_IT = `not exists (
  select 1 from repositories
  where name = :repository and frozen_snapshot = :id and (frozen_until is null or frozen_until > :now))`;

export interface Move {
  readonly repository: RepositoryName;
  readonly id: SnapshotId;
  readonly from: SnapshotState;
  readonly to: SnapshotState;
}

/** Compare-and-set, with its record. */
export async function moveSnapshot(
  manager: EntityManager,
  { repository, id, from, to }: Move,
  now: Date,
  { note, gone = false, ...act }: MovingAct,
): Promise<boolean> {
  const update = manager
    .createQueryBuilder()
    .update(snapshotTable)
    .set({ state: to, stateSince: now.getTime(), note: note ?? null })
    .where(`repository_id = ${REPOSITORY_ID} and id = :id and state = :from`, { repository, id, from });
  if (ENDS_SERVICE.has(to) && !gone) update.andWhere(NOT_FROZEN_TO_IT, { now: now.getTime() });
  const { affected } = await update.execute();
  if (affected === 0) return false;
  await recordAudit(manager, now, act, {
    action: 'move-snapshot',
    subject: subjectOf(repository, id),
    details: { from, to, note, ...(gone ? { gone } : {}) },
  });
  return true;
}
