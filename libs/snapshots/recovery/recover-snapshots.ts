import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { before, HOUR } from '#libs/kernel/duration.js';
import { asSnapshotId, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Fence } from '#libs/persistence/lease.js';
import { type Disk } from '#libs/storage/disk.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { manifestKey, snapshotsOf } from '#libs/storage/layout.js';

import { allBlobsThere } from '../damage/blobs-there.js';
import { changesSince } from '../catalog/catalog-changes.js';
import { filesOf, manifestIfSound, type Manifest } from '../manifest/read-manifest.js';
import { removeManifest, snapshotOf } from '../publish-manifest.js';
import { finishRemoval } from '../removal/remove-snapshot.js';
import { type SnapshotIndex } from '../snapshot-index.js';

/** What cannot be adopted stays for so long, in case somebody wants to look at it (trust T-10). */
const KEEP_ORPHANS_MS = 2 * HOUR;

export interface RecoverRequest {
  readonly repository: RepositoryName;
  /** Of the repository's lease: nobody else takes a snapshot of it meanwhile. */
  readonly fence: Fence;
  readonly act: Act;
}

export interface Recovered {
  /** Manifests that were whole and are visible now. */
  readonly adopted: readonly SnapshotId[];
  /** Those that came to nothing. */
  readonly removed: readonly SnapshotId[];
  /** Deletions that had been cut off. */
  readonly finished: readonly SnapshotId[];
}

const NOTHING: Recovered = { adopted: [], removed: [], finished: [] };

/**
 * Brings disk and index together after a crash: to be run when a worker starts, and before an interrupted run goes on.
 *
 * Whatever it does can be cut off and done again (trust I-25). It removes no manifest that could still be a snapshot.
 */
export class RecoverSnapshots {
  constructor(
    private readonly disk: Disk,
    private readonly index: SnapshotIndex,
    private readonly clock: Clock,
  ) {}

  async run(request: RecoverRequest): Promise<Recovered> {
    if (!(await diskIsOurs(this.disk))) return NOTHING;
    const finished = await this.finishRemovals(request.repository);
    const adopted: SnapshotId[] = [];
    const removed: SnapshotId[] = [];
    for (const { id, manifest } of await this.orphans(request.repository)) {
      if (manifest && (await this.adopt(manifest, request))) adopted.push(id);
      else if (await this.removeOld(request.repository, id)) removed.push(id);
    }
    return { adopted, removed, finished };
  }

  private async finishRemovals(repository: RepositoryName): Promise<readonly SnapshotId[]> {
    const removing = (await this.index.snapshots.list(repository)).filter(({ state }) => state === 'removing');
    for (const snapshot of removing) await finishRemoval(this.disk, this.index.snapshots, snapshot);
    return removing.map(({ id }) => id);
  }

  /** Manifests that the index does not know, in order of sequence; torn ones last. */
  private async orphans(repository: RepositoryName): Promise<readonly Orphan[]> {
    const known = new Set<string>((await this.index.snapshots.list(repository)).map(({ id }) => id));
    const orphans: Orphan[] = [];
    for await (const folder of this.disk.folders(snapshotsOf(repository))) {
      const id = asSnapshotId(folder);
      // A folder without a manifest was made by hand; it is not ours to remove.
      if (id !== folder || known.has(id) || (await this.disk.stat(manifestKey(repository, id))) === undefined) continue;
      orphans.push({ id, manifest: await manifestIfSound(this.disk, repository, id) });
    }
    const sequenceOf = ({ manifest }: Orphan): number => manifest?.header.sequence ?? Infinity;
    return orphans.sort((a, b) => sequenceOf(a) - sequenceOf(b));
  }

  /** False when another snapshot has taken its place in the sequence, or when content of it is missing. */
  private async adopt(manifest: Manifest, { repository, fence, act }: RecoverRequest): Promise<boolean> {
    const { snapshots, catalog } = this.index;
    const lastSequence = await snapshots.lastSequence(repository);
    if (manifest.header.sequence <= lastSequence || !(await allBlobsThere(this.disk, filesOf(manifest)))) return false;
    const changes = await changesSince(catalog, repository, lastSequence, () => filesOf(manifest));
    await snapshots.publish(snapshotOf(manifest), changes, fence, act);
    return true;
  }

  private async removeOld(repository: RepositoryName, id: SnapshotId): Promise<boolean> {
    const written = await this.disk.stat(manifestKey(repository, id));
    if (written && written.modifiedAt > before(this.clock.now(), KEEP_ORPHANS_MS)) return false;
    await removeManifest(this.disk, repository, id);
    return true;
  }
}

interface Orphan {
  readonly id: SnapshotId;
  readonly manifest: Manifest | undefined;
}
