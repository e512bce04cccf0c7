import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Leases } from '#libs/persistence/lease.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type RebuildIndex, type Rebuilt } from '#libs/snapshots/recovery/rebuild-index.js';

import { withRepositoryLease } from '../repository-lease.js';

export interface RebuiltRepository extends Rebuilt {
  readonly repository: RepositoryName;
  /** Nothing was done, since somebody syncs the repository just now. */
  readonly busy: boolean;
}

const NOTHING: Rebuilt = { snapshots: [], found: [], lost: [] };

/** Makes the index of every repository anew from the disk, one repository after the other. */
export class RebuildRepositories {
  constructor(
    private readonly repositories: Pick<RepositoryStore, 'list'>,
    private readonly leases: Leases,
    private readonly rebuild: Pick<RebuildIndex, 'run'>,
  ) {}

  /** @throws AppError of the first repository that cannot be rebuilt */
  async *run(act: Act): AsyncGenerator<RebuiltRepository> {
    for (const { name } of await this.repositories.list()) {
      const leased = await withRepositoryLease(this.leases, name, act.actor, ({ fence }) =>
        this.rebuild.run({ repository: name, fence, act }),
      );
      const busy = leased.kind === 'taken';
      yield { repository: name, busy, ...(leased.kind === 'taken' ? NOTHING : leased.value) };
    }
  }
}
