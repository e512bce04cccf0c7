import { type Act } from '#libs/kernel/actor.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';
import { type Leases } from '#libs/persistence/lease.js';
import { eachRepository } from '#libs/repositories/each-repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type RecoverSnapshots } from '#libs/snapshots/recovery/recover-snapshots.js';
import { type SweepStaging } from '#libs/snapshots/recovery/sweep-staging.js';

import { withRepositoryLease } from '../repository-lease.js';

/** When a worker starts: brings to an end, or tidies up, what workers that died have left (trust I-25). */
export class RecoverRepositories {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly leases: Leases,
    private readonly recover: Pick<RecoverSnapshots, 'run'>,
    private readonly sweepStaging: Pick<SweepStaging, 'run'>,
    private readonly log: Log,
  ) {}

  /** What goes wrong with one repository is logged, and does not keep the others from being worked on. */
  async run(act: Act): Promise<void> {
    await this.sweepStaging.run().catch((error: unknown) => {
      this.log.warn('staging not swept', { error: messageOf(error) });
    });
    const recovering = eachRepository(await this.repositories.list(), this.log, ({ name }) =>
      // Where somebody else holds the lease he has recovered, or will before he goes on.
      withRepositoryLease(this.leases, name, act.actor, ({ fence }) =>
        this.recover.run({ repository: name, fence, act }),
      ),
    );
    await recovering.catch(() => undefined); // logged, and tried again before each sync
  }
}
