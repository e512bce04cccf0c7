import { type EntityManager } from 'typeorm';

import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Database } from '#libs/persistence/database.js';

import {
  type PackageCatalog,
  type PackageChanges,
  type PackageVersion,
  type Span,
  type UnreadIndex,
} from '../../packages/package-catalog.js';
import { BATCH, BatchInserts } from './batch-inserts.js';
import { isInAt } from './is-in-at.js';
import { packageVersionTable, toPackageVersion, type PackageVersionRow } from './package-version.table.js';
import { repositorySequenceTable } from './repository-sequence.table.js';
import { unreadIndexTable } from './unread-index.table.js';

/** Names of a page. */
const PAGE = 1_000;

export class DatabasePackageCatalog implements PackageCatalog {
  constructor(private readonly database: Database) {}

  listed(repository: RepositoryName, sequence: number, indexes: readonly string[]): Promise<readonly PackageVersion[]> {
    return this.find((manager) =>
      versionsOf(manager, repository)
        .andWhere('version.indexPath in (:...indexes)', { indexes })
        .andWhere(isInAt('sequence'), { sequence }),
    );
  }

  names(repository: RepositoryName): AsyncIterable<readonly string[]> {
    return this.pages((manager) => versionsOf(manager, repository));
  }

  differingNames(repository: RepositoryName, from: number, to: number): AsyncIterable<readonly string[]> {
    return this.pages((manager) =>
      versionsOf(manager, repository).andWhere(`(${isInAt('from')}) <> (${isInAt('to')})`, { from, to }),
    );
  }

  async versions(repository: RepositoryName, names: readonly string[]): Promise<readonly PackageVersion[]> {
    const all: PackageVersion[] = [];
    for (let at = 0; at < names.length; at += BATCH) {
      const some = names.slice(at, at + BATCH);
      const found = await this.find((manager) =>
        versionsOf(manager, repository).andWhere('version.name in (:...some)', { some }).orderBy('version.name'),
      );
      all.push(...found);
    }
    return all;
  }

  naming(repository: RepositoryName, paths: readonly string[]): Promise<readonly PackageVersion[]> {
    if (paths.length === 0) return Promise.resolve([]);
    return this.find((manager) => versionsOf(manager, repository).andWhere('version.path in (:...paths)', { paths }));
  }

  async unread(repository: RepositoryName): Promise<readonly (UnreadIndex & Span)[]> {
    const rows = await this.database.read((manager) =>
      manager
        .createQueryBuilder(unreadIndexTable, 'unread')
        .where(`unread.repositoryId = ${REPOSITORY_ID}`, { repository })
        .orderBy('unread.indexPath')
        .addOrderBy('unread.addedIn')
        .getMany(),
    );
    return rows.map(({ indexPath, reason, addedIn, removedIn }) => ({
      index: indexPath,
      reason,
      addedIn,
      removedIn: removedIn ?? undefined,
    }));
  }

  extend(repository: RepositoryName, sequence: number, { readAgain, gone, ...more }: PackageChanges): Promise<void> {
    return this.database.write(async (manager) => {
      for (const keys of batches(gone)) {
        await manager.update(packageVersionTable, keys, { removedIn: sequence });
      }
      const { id } = await manager.findOneByOrFail(repositorySequenceTable, { name: repository });
      for (const some of batches(readAgain)) {
        await manager
          .createQueryBuilder()
          .update(unreadIndexTable)
          .set({ removedIn: sequence })
          .where('repository_id = :id and removed_in is null and index_path in (:...some)', { id, some })
          .execute();
      }
      await insert(manager, id, more, { addedIn: sequence, removedIn: undefined });
    });
  }

  restore(repository: RepositoryName, sequence: number, { added, unread }: PackageChanges): Promise<void> {
    return this.database.write(async (manager) => {
      const { id } = await manager.findOneByOrFail(repositorySequenceTable, { name: repository });
      const known = await this.unread(repository);
      const lost = unread.filter(({ index }) => !known.some((one) => one.index === index && one.addedIn === sequence));
      // They stood in the list of this sequence, and maybe in others, which nobody needs.
      await insert(manager, id, { added, unread: lost }, { addedIn: sequence, removedIn: sequence + 1 });
    });
  }

  private async find(query: (manager: EntityManager) => VersionsQuery): Promise<readonly PackageVersion[]> {
    // Not as entities, which take several times as long to make.
    const rows = await this.database.read((manager) => query(manager).select(COLUMNS).getRawMany<PackageVersionRow>());
    return rows.map(toPackageVersion);
  }

  private async *pages(query: (manager: EntityManager) => VersionsQuery): AsyncGenerator<readonly string[]> {
    let after = '';
    for (let isLast = false; !isLast;) {
      const rows = await this.database.read((manager) =>
        query(manager)
          .andWhere('version.name > :after', { after })
          .select('version.name', 'name')
          .distinct()
          .orderBy('version.name')
          .limit(PAGE)
          .getRawMany<{ readonly name: string }>(),
      );
      const names = rows.map(({ name }) => name);
      if (names.length > 0) yield names;
      isLast = names.length < PAGE;
      after = names.at(-1) ?? after;
    }
  }
}

type VersionsQuery = ReturnType<typeof versionsOf>;

const REPOSITORY_ID = '(select id from repositories where name = :repository)';

const COLUMNS = Object.keys(packageVersionTable.options.columns).map((column) => `version.${column} as "${column}"`);

const versionsOf = (manager: EntityManager, repository: RepositoryName) =>
  manager
    .createQueryBuilder(packageVersionTable, 'version')
    .where(`version.repositoryId = ${REPOSITORY_ID}`, { repository });

async function insert(
  manager: EntityManager,
  repositoryId: number,
  { added, unread }: Pick<PackageChanges, 'added' | 'unread'>,
  { addedIn, removedIn = null }: { readonly addedIn: number; readonly removedIn: number | null | undefined },
): Promise<void> {
  const packages = new BatchInserts(manager, packageVersionTable);
  for (const batch of batches(added)) {
    const rows = batch.map(({ index, path = null, ...item }) => ({ repositoryId, indexPath: index, ...item, path }));
    await packages.run(rows.map((row) => ({ ...row, addedIn, removedIn })));
  }
  const indexes = new BatchInserts(manager, unreadIndexTable);
  for (const batch of batches(unread)) {
    await indexes.run(
      batch.map(({ index, reason }) => ({ repositoryId, indexPath: index, reason, addedIn, removedIn })),
    );
  }
}

function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH);
}
