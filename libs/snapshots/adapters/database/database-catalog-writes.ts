import { type EntityManager, type EntitySchema } from 'typeorm';

import { byBytes } from '#libs/kernel/byte-order.js';

import { type CatalogChange } from '../../snapshot-store.js';
import { BATCH, BatchInserts } from './batch-inserts.js';
import { fileVersionTable, toFileVersionRow, type FileVersionRow } from './file-version.table.js';
import { packageVersionTable } from './package-version.table.js';
import { unreadIndexTable } from './unread-index.table.js';

/** The gap between two lists that are needed, neither of them included; no list inside it is. */
export interface Gap {
  readonly after: number;
  readonly before: number;
}

/** Writes the changes that lead to the list of a new sequence. Answers by how many files it is longer. */
export async function writeFileVersions(
  manager: EntityManager,
  repositoryId: number,
  sequence: number,
  changes: Iterable<CatalogChange>,
): Promise<number> {
  const inserts = new BatchInserts(manager, fileVersionTable);
  const target = { repositoryId, sequence };
  let growth = 0;
  let batch: CatalogChange[] = [];
  for (const change of changes) {
    batch.push(change);
    if (batch.length < BATCH) continue;
    growth += await writeBatch(manager, inserts, target, batch);
    batch = [];
  }
  return batch.length > 0 ? growth + (await writeBatch(manager, inserts, target, batch)) : growth;
}

export const countFiles = (manager: EntityManager, repositoryId: number): Promise<number> =>
  manager
    .createQueryBuilder(fileVersionTable, 'version')
    .where('version.repositoryId = :repositoryId and version.removedIn is null', { repositoryId })
    .getCount();

export const countFilesAt = (manager: EntityManager, repositoryId: number, sequence: number): Promise<number> =>
  manager
    .createQueryBuilder(fileVersionTable, 'version')
    .where('version.repositoryId = :repositoryId and version.addedIn <= :sequence', { repositoryId, sequence })
    .andWhere('(version.removedIn is null or version.removedIn > :sequence)')
    .getCount();

/** Puts back what the list of a sequence had, and lost when no snapshot needed it any more. */
export async function restoreFileVersions(
  manager: EntityManager,
  repositoryId: number,
  sequence: number,
  changes: Iterable<CatalogChange>,
): Promise<void> {
  const inserts = new BatchInserts(manager, fileVersionTable);
  let rows: FileVersionRow[] = [];
  for (const { file } of changes) {
    // It stood in the list of its sequence, and maybe in others, which nobody needs.
    if (file) rows.push({ ...toFileVersionRow(file, repositoryId, sequence), removedIn: sequence + 1 });
    if (rows.length < BATCH) continue;
    await inserts.run(rows);
    rows = [];
  }
  await inserts.run(rows);
}

/** Drops the versions of files and packages that stand in no list outside the gap. */
export async function dropVersions(manager: EntityManager, repositoryId: number, gap: Gap): Promise<void> {
  for (const table of VERSION_TABLES) {
    await manager
      .createQueryBuilder()
      .delete()
      .from(table as EntitySchema)
      .where('repository_id = :repositoryId', { repositoryId })
      .andWhere('added_in > :after and removed_in > :after and removed_in <= :before', gap)
      .execute();
  }
}

export async function dropAllVersions(manager: EntityManager, repositoryId: number): Promise<void> {
  for (const table of VERSION_TABLES) await manager.delete(table as EntitySchema, { repositoryId });
}

const VERSION_TABLES = [fileVersionTable, packageVersionTable, unreadIndexTable];

async function writeBatch(
  manager: EntityManager,
  inserts: BatchInserts<FileVersionRow>,
  { repositoryId, sequence }: { readonly repositoryId: number; readonly sequence: number },
  batch: readonly CatalogChange[],
): Promise<number> {
  const paths = batch.map(({ path }) => path).toSorted(byBytes);
  const closed = await manager
    .createQueryBuilder()
    .update(fileVersionTable)
    .set({ removedIn: sequence })
    .where('repository_id = :repositoryId and removed_in is null', { repositoryId })
    // Many paths alone do not keep PostgreSQL from going through the whole repository for each batch.
    .andWhere('path >= :first and path <= :last', { first: paths[0], last: paths.at(-1) })
    .andWhere('path in (:...paths)', { paths })
    .execute();
  const rows = batch.flatMap(({ file }) => (file ? [toFileVersionRow(file, repositoryId, sequence)] : []));
  await inserts.run(rows);
  return rows.length - (closed.affected ?? 0);
}
