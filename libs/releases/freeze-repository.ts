import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { repositoryFrozen } from '#libs/repositories/repository-errors.js';
import { isFrozen, type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';

import { targetNotFound, type ChooseSnapshot, type ChosenSnapshot } from './choose-snapshot.js';
import { notComplete } from './release-errors.js';

export interface FreezeRequest {
  readonly repository: RepositoryName;
  /** A snapshot, or a directory below `snapshots/<repository>`, by name or path; what is served now when it is not given. */
  readonly target?: string | undefined;
  /** When the freeze ends by itself. */
  readonly until?: Date | undefined;
  /** Its reason is kept with the freeze. */
  readonly act: Act;
}

export interface Frozen extends ChosenSnapshot {
  readonly repository: Repository;
}

/** Pins what clients get to one snapshot, until it is unfrozen. */
export class FreezeRepository {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly snapshots: SnapshotStore,
    private readonly chooseSnapshot: ChooseSnapshot,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws AppError `REPOSITORY_NOT_FOUND`, `REPOSITORY_FROZEN`, `INVALID_UNTIL`, `NOTHING_SERVED`,
   * `INVALID_FREEZE_TARGET`, `SNAPSHOT_NOT_FOUND`, `SNAPSHOT_NOT_COMPLETE`, and those of adopting a directory
   */
  async run(request: FreezeRequest): Promise<Frozen> {
    const repository = await getRepository(this.repositories, request.repository);
    const now = this.clock.now();
    if (request.until !== undefined && request.until <= now) throw invalidUntil(request.until);
    if (repository.freeze && isFrozen(repository, now)) throw repositoryFrozen(repository.name, repository.freeze);

    const { snapshot, adopted } = await this.chooseSnapshot.run(repository, request, now);
    if (snapshot.state !== 'complete') throw notComplete(repository.name, snapshot);
    const at = this.clock.now(); // to adopt a directory takes its time
    const freeze = { snapshot: snapshot.id, at, reason: request.act.reason, until: request.until };
    const frozen = await this.repositories.freeze(repository.name, freeze, request.act);

    await this.assertStillThere(repository.name, snapshot, request.act);
    return { repository: frozen, snapshot, adopted };
  }

  /** It may have been pruned or deleted while it was chosen; from now on nobody does so. */
  private async assertStillThere(name: RepositoryName, { id }: Pick<Snapshot, 'id'>, act: Act): Promise<void> {
    const snapshot = await this.snapshots.find(name, id);
    if (snapshot?.state === 'complete') return;
    await this.repositories.unfreeze(name, this.clock.now(), act);
    throw snapshot === undefined ? targetNotFound(name, id) : notComplete(name, snapshot);
  }
}

const invalidUntil = (until: Date): AppError =>
  new AppError('invalid', 'INVALID_UNTIL', `The freeze would have ended already: ${until.toISOString()} is past.`, {
    hint: 'Give an instant in the future, or none to freeze until somebody unfreezes.',
  });
