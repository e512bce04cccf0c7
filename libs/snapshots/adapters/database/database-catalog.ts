import { type EntityManager, type SelectQueryBuilder } from 'typeorm';

import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Database } from '#libs/persistence/database.js';

import { type Catalog, type FileDifference } from '../../catalog/catalog.js';
import { type ListedFile } from '../../snapshot.js';
import { fileVersionTable, toListedFile, type FileVersionRow } from './file-version.table.js';
import { isInAt } from './is-in-at.js';
import { PreparedQuery } from './prepared-query.js';

/** Files asked for at once when a list is read. */
const PAGE = 1_000;

type VersionRow = Omit<FileVersionRow, 'repositoryId' | 'addedIn'>;

interface Range extends Readonly<Record<string, unknown>> {
  readonly repository: RepositoryName;
  readonly sequence: number;
  /** The path before the first one wanted. */
  readonly after: string;
  /** What all paths wanted stand before; the character after `/` is `0`, so that a folder ends there. */
  readonly end: string | undefined;
}

export class DatabaseCatalog implements Catalog {
  private versionQuery: PreparedQuery<VersionRow> | undefined;
  private pageQuery: PreparedQuery<VersionRow> | undefined;
  private folderPageQuery: PreparedQuery<VersionRow> | undefined;

  constructor(private readonly database: Database) {}

  async find(repository: RepositoryName, sequence: number, path: string): Promise<ListedFile | undefined> {
    const [row] = await this.database.read((manager) => {
      this.versionQuery ??= new PreparedQuery(latestVersion(manager));
      return this.versionQuery.run(manager, { repository, sequence, path });
    });
    return row && isIn(row, sequence) ? toListedFile(row) : undefined;
  }

  async *files(repository: RepositoryName, sequence: number, folder?: string): AsyncIterable<ListedFile> {
    let after = folder === undefined ? '' : `${folder}/`; // no path is empty
    for (let isLast = false; !isLast;) {
      const rows = await this.page({
        repository,
        sequence,
        after,
        end: folder === undefined ? undefined : `${folder}0`,
      });
      for (const row of rows) yield toListedFile(row);
      isLast = rows.length < PAGE;
      after = rows.at(-1)?.path ?? after;
    }
  }

  async *differences(repository: RepositoryName, from: number, to: number): AsyncIterable<FileDifference> {
    let after = ''; // no path is empty
    for (let isLast = false; !isLast;) {
      const rows = await this.database.read((manager) =>
        differingVersions(manager).setParameters({ repository, from, to, after }).getRawMany<DifferingRow>(),
      );
      const found = differencesIn(rows, from, to);
      isLast = rows.length < PAGE;
      // The last path of a page may have another version on the next one.
      const whole = isLast ? found : found.slice(0, -1);
      yield* whole;
      after = whole.at(-1)?.path ?? after;
    }
  }

  private page(range: Range): Promise<readonly VersionRow[]> {
    return this.database.read((manager) => {
      if (range.end === undefined)
        return (this.pageQuery ??= new PreparedQuery(nextFiles(manager))).run(manager, range);
      this.folderPageQuery ??= new PreparedQuery(nextFilesBefore(manager));
      return this.folderPageQuery.run(manager, range);
    });
  }
}

/** The versions of a path follow each other, so that only the latest of those added in time can still be there. */
const latestVersion = (manager: EntityManager): SelectQueryBuilder<FileVersionRow> =>
  versionsOf(manager)
    .andWhere('version.path = :path', { path: 'path' })
    .andWhere('version.addedIn <= :sequence', { sequence: 'sequence' })
    .orderBy('version.addedIn', 'DESC')
    .limit(1);

const nextFiles = (manager: EntityManager): SelectQueryBuilder<FileVersionRow> =>
  versionsOf(manager)
    .andWhere('version.path > :after', { after: 'after' })
    .andWhere('version.addedIn <= :sequence', { sequence: 'sequence' })
    .andWhere('(version.removedIn is null or version.removedIn > :sequence)')
    .orderBy('version.path')
    .limit(PAGE);

const nextFilesBefore = (manager: EntityManager): SelectQueryBuilder<FileVersionRow> =>
  nextFiles(manager).andWhere('version.path < :end', { end: 'end' });

const versionsOf = (manager: EntityManager): SelectQueryBuilder<FileVersionRow> =>
  manager
    .createQueryBuilder(fileVersionTable, 'version')
    .select('version.path', 'path')
    .addSelect('version.sha256', 'sha256')
    .addSelect('version.size', 'size')
    .addSelect('version.mtime', 'mtime')
    .addSelect('version.removedIn', 'removedIn')
    .where('version.repositoryId = (select id from repositories where name = :repository)', {
      repository: 'repository',
    });

type DifferingRow = VersionRow & Pick<FileVersionRow, 'addedIn'>;

const differingVersions = (manager: EntityManager): SelectQueryBuilder<FileVersionRow> =>
  versionsOf(manager)
    .addSelect('version.addedIn', 'addedIn')
    .andWhere('version.path > :after')
    .andWhere(`(${isInAt('from')}) <> (${isInAt('to')})`)
    .orderBy('version.path')
    .limit(PAGE);

/** A path has one version in each list at most. */
function differencesIn(rows: readonly DifferingRow[], from: number, to: number): readonly FileDifference[] {
  const found = new Map<string, FileDifference>();
  const listedAt = (row: DifferingRow, sequence: number) =>
    row.addedIn <= sequence && isIn(row, sequence) ? toListedFile(row) : undefined;
  for (const row of rows) {
    const known = found.get(row.path);
    const before = known?.before ?? listedAt(row, from);
    const after = known?.after ?? listedAt(row, to);
    found.set(row.path, { path: row.path, before, after });
  }
  return [...found.values()];
}

const isIn = ({ removedIn }: VersionRow, sequence: number): boolean => removedIn === null || removedIn > sequence;
