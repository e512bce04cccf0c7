import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { isMetadata } from '#libs/packages/indexes/index-at.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Catalog, type FileDifference } from '#libs/snapshots/catalog/catalog.js';
import { isIn, type PackageCatalog, type UnreadIndex } from '#libs/snapshots/packages/package-catalog.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';

import { namedSnapshot } from './named-snapshot.js';
import { fileChanges, packageChanges, type Compared, type SnapshotChange } from './snapshot-changes.js';

export interface SnapshotsDifference {
  readonly from: Snapshot;
  readonly to: Snapshot;
  /** Indexes that could not be read in one of the two: what they name comes as files. */
  readonly unread: readonly UnreadIndex[];
  /** Packages in order of name, then files in order of path. */
  readonly changes: AsyncIterable<SnapshotChange>;
}

export interface SnapshotsToCompare {
  readonly name: RepositoryName;
  /** Each an id, `served` or `newest`. */
  readonly from: string;
  readonly to: string;
}

export interface Catalogs {
  readonly files: Catalog;
  readonly packages: PackageCatalog;
}

const FILES_AT_ONCE = 500;

/** What one snapshot has that another one has not: packages by the rules of their format, and files that no index names. */
export class DiffSnapshots {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly snapshots: SnapshotStore,
    private readonly catalogs: Catalogs,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `REPOSITORY_NOT_FOUND`, `SNAPSHOT_NOT_FOUND`, `NOTHING_SERVED` */
  async run(request: SnapshotsToCompare): Promise<SnapshotsDifference> {
    const repository = await getRepository(this.repositories, request.name);
    const all = await this.snapshots.list(request.name);
    const named = (text: string): Snapshot => namedSnapshot(text, repository, all, this.clock.now());
    const from = named(request.from);
    const to = named(request.to);
    const unread = (await this.catalogs.packages.unread(request.name)).filter(
      (span) => isIn(span, from.sequence) || isIn(span, to.sequence),
    );
    return { from, to, unread, changes: this.changes(request.name, from.sequence, to.sequence) };
  }

  private async *changes(name: RepositoryName, from: number, to: number): AsyncGenerator<SnapshotChange> {
    const { packages } = this.catalogs;
    for await (const names of packages.differingNames(name, from, to)) {
      yield* packageChanges(await packages.versions(name, names), { from, to });
    }
    yield* this.fileChanges(name, from, to);
  }

  private async *fileChanges(name: RepositoryName, from: number, to: number): AsyncGenerator<SnapshotChange> {
    let some: FileDifference[] = [];
    for await (const difference of this.catalogs.files.differences(name, from, to)) {
      if (isMetadata(difference.path)) continue;
      some.push(difference);
      if (some.length < FILES_AT_ONCE) continue;
      yield* await this.told(name, some, { from, to });
      some = [];
    }
    yield* await this.told(name, some, { from, to });
  }

  private async told(name: RepositoryName, differences: readonly FileDifference[], compared: Compared) {
    const paths = differences.map(({ path }) => path);
    return fileChanges(differences, await this.catalogs.packages.naming(name, paths), compared);
  }
}
