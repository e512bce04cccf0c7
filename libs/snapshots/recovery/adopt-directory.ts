import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { asSnapshotId, instantOf, printable, type RepositoryName } from '#libs/kernel/ids.js';
import { type Fence, type Leases } from '#libs/persistence/lease.js';
import { type Disk } from '#libs/storage/disk.js';
import { stagingOf } from '#libs/storage/layout.js';

import { whileWritingBlobs } from '../blob-leases.js';
import { changesSince } from '../catalog/catalog-changes.js';
import { freeIds, storeManifest } from '../manifest/store-manifest.js';
import { publishManifest } from '../publish-manifest.js';
import { type NewSnapshot } from '../snapshot.js';
import { listSource } from '../source/list-source.js';
import { type Source } from '../source/source.js';
import { type SnapshotIndex } from '../snapshot-index.js';

export interface AdoptRequest {
  readonly repository: RepositoryName;
  /** Of the folder below `snapshots/<repository>`. */
  readonly directory: string;
  /** Names the work area; no other attempt ever had it. */
  readonly attempt: string;
  /** Of the repository's lease. */
  readonly fence: Fence;
  readonly act: Act;
  readonly signal: AbortSignal;
}

/**
 * Makes a snapshot of a plain directory that an import or an operator put below `snapshots/<repository>`. Its time is
 * the one it is named after, in our form or the original Parceler's, or else now; its place is after all snapshots there
 * are, so that many are adopted in order of time. The directory stays as it is.
 */
export class AdoptDirectory {
  /** @param directories the plain directories of repositories, as if they were sources */
  constructor(
    private readonly disk: Disk,
    private readonly directories: Source,
    private readonly index: SnapshotIndex,
    private readonly leases: Leases,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws AppError `SOURCE_MISSING`, `SOURCE_REFUSED`, `SOURCE_CHANGED`, `SOURCE_EMPTY`, `SNAPSHOT_ID_TAKEN` when it
   * was adopted before, `LEASE_LOST`, and those of the disk
   */
  async run(request: AdoptRequest): Promise<NewSnapshot> {
    const { attempt, signal } = request;
    try {
      return await whileWritingBlobs(this.leases, attempt, signal, (held) => this.adopt({ ...request, signal: held }));
    } finally {
      await this.disk.removeAll(stagingOf(attempt)).catch(() => undefined); // swept later
    }
  }

  private async adopt(request: AdoptRequest): Promise<NewSnapshot> {
    const { repository, directory, attempt, signal } = request;
    const { snapshots, catalog } = this.index;
    const lastSequence = await snapshots.lastSequence(repository);
    const named = asSnapshotId(directory);
    const takenAt = named === undefined ? this.clock.now() : instantOf(named);
    const ids = named ? [named] : await freeIds(this.disk, takenAt, await snapshots.list(repository), repository);

    const walk = this.directories.walk(repository, directory);
    const list = await listSource(walk, undefined, (files) =>
      this.directories.ingest(repository, directory, files, attempt, signal),
    );
    if (list.draft.totals.files === 0) throw directoryEmpty(directory);
    signal.throwIfAborted();

    const facts = { repository, sequence: lastSequence + 1, takenAt, changes: list.counts, held: undefined };
    const snapshot = await storeManifest(this.disk, list.draft, facts, ids);
    const changes = () => changesSince(catalog, repository, lastSequence, () => list.draft.files());
    const act = { ...request.act, fence: request.fence };
    await publishManifest(this.disk, snapshots, snapshot, changes, { act, signal });
    return snapshot;
  }
}

const directoryEmpty = (directory: string): AppError =>
  new AppError('conflict', 'SOURCE_EMPTY', `The directory "${printable(directory)}" has no files.`, {
    hint: 'Only a directory with files can become a snapshot.',
  });
