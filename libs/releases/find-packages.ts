import { type Clock } from '#libs/kernel/clock.js';
import { grouped } from '#libs/kernel/grouped.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import {
  isIn,
  type PackageCatalog,
  type PackageVersion,
  type UnreadIndex,
} from '#libs/snapshots/packages/package-catalog.js';
import { servingTimeline, type TimelinePeriod } from '#libs/snapshots/serving-timeline.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';

import { isPattern, matcherOf } from './name-pattern.js';

export interface PackagesSought {
  /** `*` stands for any characters, `?` for one. */
  readonly name: string;
  readonly version?: string | undefined;
  /** All of them when none is named. */
  readonly repository?: RepositoryName | undefined;
}

/** A package in a snapshot. */
export interface FoundPackage {
  readonly repository: RepositoryName;
  readonly snapshot: Snapshot;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly path: string | undefined;
  /** When the snapshot was served, is, and will be, in order. */
  readonly served: readonly TimelinePeriod[];
}

/** What one repository has of the packages sought. */
export interface RepositoryFinds {
  readonly repository: RepositoryName;
  readonly packages: AsyncIterable<FoundPackage>;
  /** Indexes that could not be read, with the snapshots that may therefore hold what is sought and are not found. */
  readonly unread: readonly (UnreadIndex & { readonly snapshots: readonly Snapshot[] })[];
}

/** In which snapshots a package is, and from when to when clients could get it there. */
export class FindPackages {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly snapshots: SnapshotStore,
    private readonly packages: PackageCatalog,
    private readonly clock: Clock,
  ) {}

  /** Repository by repository. @throws AppError `REPOSITORY_NOT_FOUND` */
  async *run(sought: PackagesSought): AsyncGenerator<RepositoryFinds> {
    const { repository: name } = sought;
    const repositories = name ? [await getRepository(this.repositories, name)] : await this.repositories.list();
    for (const repository of repositories) {
      const all = await this.snapshots.list(repository.name);
      const there = all.filter(({ state }) => state !== 'removing');
      const unread = (await this.packages.unread(repository.name)).map((span) => ({
        ...span,
        snapshots: there.filter(({ sequence }) => isIn(span, sequence)),
      }));
      yield {
        repository: repository.name,
        packages: this.found(repository, there, sought),
        unread: unread.filter(({ snapshots }) => snapshots.length > 0),
      };
    }
  }

  private async *found(
    repository: Repository,
    snapshots: readonly Snapshot[],
    sought: PackagesSought,
  ): AsyncGenerator<FoundPackage> {
    const served = await this.timelineOf(repository, snapshots);
    for await (const names of this.namesOf(repository.name, sought.name)) {
      const versions = await this.packages.versions(repository.name, names);
      const wanted = versions.filter(({ version }) => sought.version === undefined || version === sought.version);
      for (const same of byFile(wanted)) {
        for (const snapshot of snapshots.filter(({ sequence }) => same.some((one) => isIn(one, sequence)))) {
          const { name, version, arch, path } = same[0];
          const periods = served.get(snapshot.id) ?? [];
          yield { repository: repository.name, snapshot, name, version, arch, path, served: periods };
        }
      }
    }
  }

  private async *namesOf(repository: RepositoryName, name: string): AsyncGenerator<readonly string[]> {
    if (!isPattern(name)) {
      yield [name];
      return;
    }
    const matches = matcherOf(name);
    for await (const names of this.packages.names(repository)) yield names.filter(matches);
  }

  private async timelineOf(repository: Repository, snapshots: readonly Snapshot[]) {
    const { name, createdAt } = repository;
    const acts = {
      policy: await this.repositories.policyChanges(name, createdAt),
      snapshots: await this.snapshots.stateChanges(name, createdAt),
    };
    const periods = servingTimeline(createdAt, { snapshots, policy: repository }, acts, this.clock.now());
    return grouped(periods, ({ snapshot }) => snapshot);
  }
}

/** Several indexes may name the same. */
const byFile = (versions: readonly PackageVersion[]) =>
  grouped(versions, ({ name, version, arch, path = '' }) => [name, version, arch, path].join('\0')).values();
