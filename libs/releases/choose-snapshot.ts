import { randomBytes } from 'node:crypto';

import { type Act } from '#libs/kernel/actor.js';
import { AppError } from '#libs/kernel/errors.js';
import { printable, type RepositoryName } from '#libs/kernel/ids.js';
import { type Leases } from '#libs/persistence/lease.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type AdoptDirectory } from '#libs/snapshots/recovery/adopt-directory.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { stableSnapshot } from '#libs/snapshots/stable-snapshot.js';
import { type Disk } from '#libs/storage/disk.js';
import { snapshotsOf } from '#libs/storage/layout.js';
import { objectKey } from '#libs/storage/object-key.js';
import { withRepositoryLease } from '#libs/syncing/repository-lease.js';

import { freezeTarget, type FreezeTarget } from './freeze-target.js';
import { nothingServed } from './release-errors.js';

export interface ChosenSnapshot {
  readonly snapshot: Pick<Snapshot, 'id' | 'state'>;
  /** The directory that it was just made of. */
  readonly adopted: string | undefined;
}

/**
 * The snapshot that an operator names, or what is served now. A directory that was made by hand is made a snapshot of
 * first, while nobody syncs the repository.
 */
export class ChooseSnapshot {
  constructor(
    private readonly snapshots: SnapshotStore,
    private readonly disk: Disk,
    private readonly adopt: Pick<AdoptDirectory, 'run'>,
    private readonly leases: Leases,
  ) {}

  /** @throws AppError `NOTHING_SERVED`, `INVALID_FREEZE_TARGET`, `SNAPSHOT_NOT_FOUND`, `REPOSITORY_BUSY`, and those of adopting a directory */
  async run(
    repository: Repository,
    { target, act }: { readonly target?: string | undefined; readonly act: Act },
    now: Date,
  ): Promise<ChosenSnapshot> {
    const { name } = repository;
    if (target === undefined) {
      const served = stableSnapshot(await this.snapshots.list(name), repository, now);
      if (served === undefined) throw nothingServed(name);
      return { snapshot: served.snapshot, adopted: undefined };
    }
    const named = freezeTarget(name, target, this.disk.localPath(objectKey('snapshots', name)));
    const known = named.id && (await this.snapshots.find(name, named.id));
    if (known !== undefined) return { snapshot: known, adopted: undefined };
    return { snapshot: await this.adopted(name, named, act), adopted: named.directory };
  }

  private async adopted(repository: RepositoryName, { directory }: FreezeTarget, act: Act) {
    if (!(await this.hasDirectory(repository, directory))) throw targetNotFound(repository, directory);
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
}

export const targetNotFound = (name: RepositoryName, target: string): AppError =>
  new AppError(
    'not-found',
    'SNAPSHOT_NOT_FOUND',
    `"${name}" has neither a snapshot nor a directory ${printable(target)}.`,
    {
      hint: 'repository:snapshots lists the snapshots there are.',
    },
  );

const busy = (name: RepositoryName): AppError =>
  new AppError('conflict', 'REPOSITORY_BUSY', `The directory cannot be adopted while "${name}" is being synced.`, {
    hint: 'Wait until run:list shows the end of the sync, or cancel it with run:cancel.',
  });
