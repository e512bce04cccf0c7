import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { nextChange } from '#libs/snapshots/release-calendar.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { stableSnapshot, type Served } from '#libs/snapshots/stable-snapshot.js';
import { ENDED_STATES, type Run } from '#libs/syncing/runs/run.js';
import { type RunStore } from '#libs/syncing/runs/run-store.js';

/** A repository with what clients get from it, and why. */
export interface RepositoryDescription {
  readonly repository: Repository;
  readonly snapshots: readonly Snapshot[];
  readonly served: Served | undefined;
  /** When what is served will change by itself. */
  readonly nextChange: Date | undefined;
  /** The last one that ended well. */
  readonly lastSync: Run | undefined;
  /** The last one that ended, however it did. */
  readonly lastRun: Run | undefined;
}

/** What operators look at before they act. */
export class DescribeRepositories {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly snapshots: SnapshotStore,
    private readonly runs: RunStore,
    private readonly clock: Clock,
  ) {}

  /** All repositories by name, or the one asked for. @throws AppError `REPOSITORY_NOT_FOUND` */
  async run(name?: RepositoryName): Promise<readonly RepositoryDescription[]> {
    const repositories =
      name === undefined ? await this.repositories.list() : [await getRepository(this.repositories, name)];
    return Promise.all(repositories.map((repository) => this.describe(repository)));
  }

  private async describe(repository: Repository): Promise<RepositoryDescription> {
    const now = this.clock.now();
    const [snapshots, lastSync, [lastRun]] = await Promise.all([
      this.snapshots.list(repository.name),
      this.runs.lastSucceeded(repository.name),
      this.runs.list({ repository: repository.name, states: ENDED_STATES, limit: 1 }),
    ]);
    return {
      repository,
      snapshots,
      served: stableSnapshot(snapshots, repository, now),
      nextChange: nextChange(snapshots, repository, now),
      lastSync,
      lastRun,
    };
  }
}
