import { LessThan, type EntityManager } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { auditSince, recordAudit } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';
import { assertFence } from '#libs/persistence/fence.js';
import { type Fence } from '#libs/persistence/lease.js';
import { repositoryNotFound } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type Milestone } from '../../milestone.js';
import { type NewSnapshot, type Snapshot, type SnapshotState } from '../../snapshot.js';
import {
  assertTransition,
  catalogMismatch,
  snapshotExists,
  type CatalogChange,
  type JoinedAct,
  type MovingAct,
  type Past,
  type PublishingAct,
  type SnapshotStore,
  type StateChange,
} from '../../snapshot-store.js';
import {
  countFiles,
  countFilesAt,
  dropAllVersions,
  dropVersions,
  restoreFileVersions,
  writeFileVersions,
} from './database-catalog-writes.js';
import { moveSnapshot } from './move-snapshot.js';
import { pastIn } from './past-in-records.js';
import { PreparedQuery } from './prepared-query.js';
import { repositorySequenceTable, type RepositorySequenceRow } from './repository-sequence.table.js';
import { publicationOf, recordPublication, subjectOf } from './snapshot-records.js';
import { snapshotsOf } from './snapshots-of.js';
import { snapshotTable, toSnapshot, toSnapshotRow, type SnapshotRow } from './snapshot.table.js';

export class DatabaseSnapshotStore implements SnapshotStore {
  private listQuery: PreparedQuery<SnapshotRow> | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async list(repository: RepositoryName): Promise<readonly Snapshot[]> {
    const rows = await this.database.read((manager) => {
      this.listQuery ??= new PreparedQuery(inOrder(manager));
      return this.listQuery.run(manager, { repository });
    });
    return rows.map((row) => toSnapshot(row, repository));
  }

  async find(repository: RepositoryName, id: SnapshotId): Promise<Snapshot | undefined> {
    const row = await this.database.read((manager) =>
      snapshotsOf(manager, repository).andWhere('snapshot.id = :id', { id }).getOne(),
    );
    return row ? toSnapshot(row, repository) : undefined;
  }

  async lastSequence(repository: RepositoryName): Promise<number> {
    const row = await this.database.read((manager) => findRepository(manager, repository));
    return row?.lastSequence ?? 0;
  }

  publish(snapshot: NewSnapshot, changes: Iterable<CatalogChange>, act: PublishingAct): Promise<void> {
    const { fence, run, since, together } = act;
    return this.database.write(async (manager) => {
      await assertFence(manager, fence);
      const repository = await findRepository(manager, snapshot.repository);
      if (repository === null || repository.deletedAt !== null) throw repositoryNotFound(snapshot.repository);
      await takeSequence(manager, repository.id, snapshot);
      await extendCatalog(manager, repository, snapshot, changes);
      const now = this.clock.now();
      await manager.insert(snapshotTable, toSnapshotRow({ ...snapshot, run }, repository.id, since ?? now));
      if (since === undefined) await recordPublication(manager, now, act, snapshot);
      await together?.();
    });
  }

  rebuild(name: RepositoryName, fence: Fence, act: Act, publishAll: () => Promise<void>): Promise<void> {
    return this.database.write(async (manager) => {
      await assertFence(manager, fence);
      const repository = await findRepository(manager, name);
      if (repository === null || repository.deletedAt !== null) throw repositoryNotFound(name);
      const { id, lastSequence } = repository;
      await dropAll(manager, id);
      await manager.update(repositorySequenceTable, { id }, { lastSequence: 0 });
      await publishAll();
      await manager.update(repositorySequenceTable, { id, lastSequence: LessThan(lastSequence) }, { lastSequence });
      const entry = { action: 'rebuild-index', subject: `repository:${name}` };
      await recordAudit(manager, this.clock.now(), act, entry);
    });
  }

  supersedeBefore(repository: RepositoryName, milestone: Milestone, act: Act): Promise<readonly SnapshotId[]> {
    const { sequence, at } = milestone;
    return this.database.write(async (manager) => {
      const columns = { milestoneSequence: sequence, milestoneAt: at.getTime() };
      await manager.update(repositorySequenceTable, { name: repository }, columns);
      const superseded: SnapshotId[] = [];
      for (const { id, state, sequence: older } of await this.list(repository)) {
        if (older >= sequence || state !== 'complete') continue;
        if (await moveSnapshot(manager, { repository, id, from: state, to: 'superseded' }, at, act))
          superseded.push(id);
      }
      return superseded;
    });
  }

  async lastMilestone(repository: RepositoryName): Promise<Milestone | undefined> {
    const row = await this.database.read((manager) => findRepository(manager, repository));
    const { milestoneSequence: sequence = null, milestoneAt: at = null } = row ?? {};
    return sequence === null || at === null ? undefined : { sequence, at: new Date(at) };
  }

  async pastOf(repository: RepositoryName, id: SnapshotId, manifestSha256: Sha256): Promise<Past> {
    const subject = subjectOf(repository, id);
    return pastIn(await this.database.read((manager) => auditSince(manager, [subject], new Date(0))), manifestSha256);
  }

  readmit(snapshot: NewSnapshot, changes: Iterable<CatalogChange>, fence: Fence, act: JoinedAct): Promise<boolean> {
    return this.database.write(async (manager) => {
      await assertFence(manager, fence);
      const repository = await findRepository(manager, snapshot.repository);
      if (repository === null || repository.deletedAt !== null) throw repositoryNotFound(snapshot.repository);
      const { sequence, id } = snapshot;
      const taken = [{ sequence }, { id }].map((place) => ({ ...place, repositoryId: repository.id }));
      if (sequence > repository.lastSequence || (await manager.existsBy(snapshotTable, taken))) return false;
      await restoreFileVersions(manager, repository.id, sequence, changes);
      const files = await countFilesAt(manager, repository.id, sequence);
      if (files !== snapshot.files) throw catalogMismatch(snapshot, files);
      await manager.insert(snapshotTable, toSnapshotRow(snapshot, repository.id, this.clock.now()));
      await recordAudit(manager, this.clock.now(), act, {
        action: 'readmit-snapshot',
        subject: subjectOf(snapshot.repository, id),
        details: { from: 'removing', ...publicationOf(snapshot) },
      });
      await act.together?.();
      return true;
    });
  }

  move(
    repository: RepositoryName,
    id: SnapshotId,
    from: SnapshotState,
    to: SnapshotState,
    act: MovingAct,
  ): Promise<boolean> {
    assertTransition(id, from, to);
    return this.database.write((manager) => moveSnapshot(manager, { repository, id, from, to }, this.clock.now(), act));
  }

  async stateChanges(repository: RepositoryName, since: Date): Promise<readonly StateChange[]> {
    const snapshots = await this.list(repository);
    const bySubject = new Map(snapshots.map(({ id }) => [subjectOf(repository, id), id]));
    const records = await this.database.read((manager) => auditSince(manager, [...bySubject.keys()], since));
    return records.flatMap(({ at, subject, details }) => {
      const snapshot = bySubject.get(subject);
      return snapshot === undefined ? [] : [{ at, snapshot, before: details['from'] as SnapshotState | undefined }];
    });
  }

  forget(repository: RepositoryName, id: SnapshotId): Promise<void> {
    return this.database.write(async (manager) => {
      const row = await snapshotsOf(manager, repository)
        .andWhere('snapshot.id = :id', { id })
        .andWhere(`snapshot.state = 'removing'`)
        .getOne();
      const owner = await findRepository(manager, repository);
      if (row === null || owner === null) return;
      const { repositoryId, sequence } = row;
      await manager.delete(snapshotTable, { repositoryId, sequence });
      await dropVersions(manager, repositoryId, {
        after: await neighbour(manager, repositoryId, 'max', 'sequence < :sequence', sequence),
        // The list published last stays, whether it has a snapshot or not: the next publication is relative to it.
        before: (await neighbour(manager, repositoryId, 'min', 'sequence > :sequence', sequence)) || owner.lastSequence,
      });
    });
  }

  forgetAll({ id: repositoryId }: Pick<Repository, 'id' | 'name'>, fence: Fence): Promise<void> {
    return this.database.write(async (manager) => {
      await assertFence(manager, fence);
      await dropAll(manager, repositoryId);
    });
  }
}

async function dropAll(manager: EntityManager, repositoryId: number): Promise<void> {
  await manager.delete(snapshotTable, { repositoryId });
  await dropAllVersions(manager, repositoryId);
}

const inOrder = (manager: EntityManager) =>
  snapshotsOf(manager, 'repository')
    .select(Object.keys(snapshotTable.options.columns).map((column) => `snapshot.${column} as "${column}"`))
    .orderBy('snapshot.sequence');

const findRepository = (manager: EntityManager, name: RepositoryName): Promise<RepositorySequenceRow | null> =>
  manager.findOneBy(repositorySequenceTable, { name });

async function takeSequence(manager: EntityManager, repositoryId: number, snapshot: NewSnapshot): Promise<void> {
  const { id, sequence } = snapshot;
  const advanced = await manager
    .createQueryBuilder()
    .update(repositorySequenceTable)
    .set({ lastSequence: sequence })
    .where('id = :repositoryId and last_sequence < :sequence', { repositoryId, sequence })
    .execute();
  if (advanced.affected === 0 || (await manager.existsBy(snapshotTable, { repositoryId, id }))) {
    throw snapshotExists(snapshot);
  }
}

/** @param repository as it was before the sequence was taken */
async function extendCatalog(
  manager: EntityManager,
  { id, lastSequence }: RepositorySequenceRow,
  snapshot: NewSnapshot,
  changes: Iterable<CatalogChange>,
): Promise<void> {
  const last = await manager.findOneBy(snapshotTable, { repositoryId: id, sequence: lastSequence });
  const before = last?.files ?? (await countFiles(manager, id));
  const files = before + (await writeFileVersions(manager, id, snapshot.sequence, changes));
  if (files !== snapshot.files) throw catalogMismatch(snapshot, files);
  if (last) return;
  // The list of the last sequence was kept without its snapshot only for this publication to build on.
  const after = await neighbour(manager, id, 'max', 'sequence < :sequence', snapshot.sequence);
  await dropVersions(manager, id, { after, before: snapshot.sequence });
}

/** The sequence of the nearest snapshot on that side, or 0. */
async function neighbour(
  manager: EntityManager,
  repositoryId: number,
  nearest: 'min' | 'max',
  side: 'sequence < :sequence' | 'sequence > :sequence',
  sequence: number,
): Promise<number> {
  const row = await manager
    .createQueryBuilder(snapshotTable, 'snapshot')
    .select(`${nearest}(snapshot.sequence)`, 'nearest')
    .where(`snapshot.repositoryId = :repositoryId and snapshot.${side}`, { repositoryId, sequence })
    .getRawOne<{ nearest: number | null }>();
  return row?.nearest ?? 0;
}
