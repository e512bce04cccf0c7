import { type EntityManager } from 'typeorm';

import { type CatalogChange } from '../../snapshot-store.js';
import { fileVersionTable, toFileVersionRow, type FileVersionRow } from './file-version.table.js';
import { PreparedQuery } from './prepared-query.js';

/** Paths per statement: large enough to be fast, and far below any database's limit of parameters. */
const BATCH = 500;

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
  const inserts = new VersionInserts(manager);
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
  const inserts = new VersionInserts(manager);
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

/** Drops the versions that stand in no list outside the gap. */
export async function dropFileVersions(manager: EntityManager, repositoryId: number, gap: Gap): Promise<void> {
  await manager
    .createQueryBuilder()
    .delete()
    .from(fileVersionTable)
    .where('repository_id = :repositoryId', { repositoryId })
    .andWhere('added_in > :after and removed_in > :after and removed_in <= :before', gap)
    .execute();
}

async function writeBatch(
  manager: EntityManager,
  inserts: VersionInserts,
  { repositoryId, sequence }: { readonly repositoryId: number; readonly sequence: number },
  batch: readonly CatalogChange[],
): Promise<number> {
  const closed = await manager
    .createQueryBuilder()
    .update(fileVersionTable)
    .set({ removedIn: sequence })
    .where('repository_id = :repositoryId and removed_in is null', { repositoryId })
    .andWhere('path in (:...paths)', { paths: batch.map(({ path }) => path) })
    .execute();
  const rows = batch.flatMap(({ file }) => (file ? [toFileVersionRow(file, repositoryId, sequence)] : []));
  await inserts.run(rows);
  return rows.length - (closed.affected ?? 0);
}

/** Inserts of a whole batch share one statement, whose text alone takes longer to build than the rows to write. */
class VersionInserts {
  private wholeBatch: VersionInsert | undefined;

  constructor(private readonly manager: EntityManager) {}

  async run(rows: readonly FileVersionRow[]): Promise<void> {
    if (rows.length === 0) return;
    const whole = rows.length === BATCH;
    const { query, cells } = whole ? (this.wholeBatch ??= this.insertOf(BATCH)) : this.insertOf(rows.length);
    await query.runInOrder(
      this.manager,
      cells.map(({ index, column }) => rows[index]?.[column]),
    );
  }

  private insertOf(count: number): VersionInsert {
    const columns = Object.keys(fileVersionTable.options.columns);
    const names = (index: number) => columns.map((column) => [column, `${String(index)} ${column}`]);
    const rows = Array.from({ length: count }, (_, index): unknown => Object.fromEntries(names(index)));
    const insert = this.manager.createQueryBuilder().insert().into(fileVersionTable);
    const query = new PreparedQuery(insert.values(rows as FileVersionRow[]));
    return { query, cells: query.names.map(cellOf) };
  }
}

interface VersionInsert {
  readonly query: PreparedQuery;
  /** Where each of the query's parameters stands in the rows. */
  readonly cells: readonly Cell[];
}

interface Cell {
  readonly index: number;
  readonly column: keyof FileVersionRow;
}

function cellOf(name: string): Cell {
  const [index, column] = name.split(' ');
  return { index: Number(index), column: column as keyof FileVersionRow };
}
