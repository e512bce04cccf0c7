import { randomBytes } from 'node:crypto';

import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { printable, type RepositoryName } from '#libs/kernel/ids.js';
import { type Leases } from '#libs/persistence/lease.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { repositoryFrozen } from '#libs/repositories/repository-errors.js';
import { isFrozen, type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type AdoptDirectory } from '#libs/snapshots/recovery/adopt-directory.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { stableSnapshot } from '#libs/snapshots/stable-snapshot.js';
import { type Disk } from '#libs/storage/disk.js';
import { snapshotsOf } from '#libs/storage/layout.js';
import { objectKey } from '#libs/storage/object-key.js';
import { withRepositoryLease } from '#libs/syncing/repository-lease.js';

import { freezeTarget, type FreezeTarget } from './freeze-target.js';

export interface FreezeRequest {
  readonly repository: RepositoryName;
  /** A snapshot, or a directory below `snapshots/<repository>`, by name or path; what is served now when it is not given. */
  readonly target?: string | undefined;
  /** When the freeze ends by itself. */
  readonly until?: Date | undefined;
  /** Its reason is kept with the freeze. */
  readonly act: Act;
}

export interface Frozen {
  readonly repository: Repository;
  readonly snapshot: Pick<Snapshot, 'id' | 'state'>;
}

/** Pins what clients get to one snapshot, until it is unfrozen. */
export class FreezeRepository {
  constructor(
    private readonly stores: { readonly repositories: RepositoryStore; readonly snapshots: SnapshotStore },
    private readonly disk: Disk,
    private readonly adopt: Pick<AdoptDirectory, 'run'>,
    private readonly leases: Leases,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws AppError `REPOSITORY_NOT_FOUND`, `REPOSITORY_FROZEN`, `INVALID_UNTIL`, `NOTHING_SERVED`,
   * `INVALID_FREEZE_TARGET`, `SNAPSHOT_NOT_FOUND`, `SNAPSHOT_NOT_COMPLETE`, and those of adopting a directory
   */
  async run(request: FreezeRequest): Promise<Frozen> {
    const repository = await getRepository(this.stores.repositories, request.repository);
    const now = this.clock.now();
    if (request.until !== undefined && request.until <= now) throw invalidUntil(request.until);
    if (repository.freeze && isFrozen(repository, now)) throw repositoryFrozen(repository.name, repository.freeze);

    const snapshot = await this.choose(repository, request, now);
    if (snapshot.state !== 'complete') throw notComplete(repository.name, snapshot);
    const freeze = { snapshot: snapshot.id, at: now, reason: request.act.reason, until: request.until };
    const frozen = await this.stores.repositories.freeze(repository.name, freeze, request.act);

    await this.assertStillThere(repository.name, snapshot, request.act);
    return { repository: frozen, snapshot };
  }

  private async choose(
    repository: Repository,
    { target, act }: FreezeRequest,
    now: Date,
  ): Promise<Pick<Snapshot, 'id' | 'state'>> {
    if (target === undefined) {
      const served = stableSnapshot(await this.stores.snapshots.list(repository.name), repository, now);
      if (served === undefined) throw nothingServed(repository.name);
      return served.snapshot;
    }
    const named = freezeTarget(repository.name, target, this.root());
    const known = named.id && (await this.stores.snapshots.find(repository.name, named.id));
    return known ?? this.adopted(repository.name, named, act);
  }

  private async adopted(repository: RepositoryName, { directory }: FreezeTarget, act: Act) {
    if (!(await this.hasDirectory(repository, directory))) throw notFound(repository, directory);
    const attempt = `adopt-${randomBytes(8).toString('hex')}`;
    const leased = await withRepositoryLease(this.leases, repository, act.actor, ({ fence, signal }) =>
      this.adopt.run({ repository, directory, attempt, fence, act, signal }),
    );
    if (leased.kind === 'taken') throw busy(repository);
    return leased.value;
  }

  private async hasDirectory(repository: RepositoryName, directory: string): Promise<boolean> {
    for await (const folder of this.disk.folders(snapshotsOf(repository))) if (folder === directory) return true;
    return false;
  }

  /** It may have been pruned or deleted while it was chosen; from now on nobody does so. */
  private async assertStillThere(name: RepositoryName, { id }: Pick<Snapshot, 'id'>, act: Act): Promise<void> {
    const snapshot = await this.stores.snapshots.find(name, id);
    if (snapshot?.state === 'complete') return;
    await this.stores.repositories.unfreeze(name, this.clock.now(), act);
    throw snapshot === undefined ? notFound(name, id) : notComplete(name, snapshot);
  }

  private root(): string | undefined {
    const name = 'snapshots';
    return this.disk.localPath(objectKey(name))?.slice(0, -name.length - 1);
  }
}

const invalidUntil = (until: Date): AppError =>
  new AppError('invalid', 'INVALID_UNTIL', `The freeze would have ended already: ${until.toISOString()} is past.`, {
    hint: 'Give an instant in the future, or none to freeze until somebody unfreezes.',
  });

const nothingServed = (name: RepositoryName): AppError =>
  new AppError('conflict', 'NOTHING_SERVED', `The repository "${name}" serves nothing yet that could be frozen.`, {
    hint: 'Sync it first.',
  });

const notFound = (name: RepositoryName, target: string): AppError =>
  new AppError(
    'not-found',
    'SNAPSHOT_NOT_FOUND',
    `"${name}" has neither a snapshot nor a directory ${printable(target)}.`,
    {
      hint: 'repository:snapshots lists the snapshots there are.',
    },
  );

const notComplete = (name: RepositoryName, { id, state }: Pick<Snapshot, 'id' | 'state'>): AppError =>
  new AppError('conflict', 'SNAPSHOT_NOT_COMPLETE', `Snapshot ${id} of "${name}" cannot be served: it is ${state}.`, {
    hint: 'repository:snapshots shows which ones are complete.',
  });

const busy = (name: RepositoryName): AppError =>
  new AppError('conflict', 'REPOSITORY_BUSY', `The directory cannot be adopted while "${name}" is being synced.`, {
    hint: 'Wait until run:list shows the end of the sync, or cancel it with run:cancel.',
  });
