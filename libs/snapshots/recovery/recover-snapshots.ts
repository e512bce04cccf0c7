import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { before, DAY, HOUR } from '#libs/kernel/duration.js';
import { isAppError } from '#libs/kernel/errors.js';
import { asSnapshotId, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { type Fence } from '#libs/persistence/lease.js';
import { type Disk } from '#libs/storage/disk.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { manifestKey, snapshotFolder, snapshotsOf } from '#libs/storage/layout.js';

import { allBlobsThere } from '../damage/blobs-there.js';
import { catalogChanges, changesSince } from '../catalog/catalog-changes.js';
import { filesOf, manifestIfSound, type Manifest } from '../manifest/read-manifest.js';
import { removeManifest } from '../manifest/remove-manifest.js';
import { snapshotOf } from '../manifest/store-manifest.js';
import { finishRemoval } from '../removal/remove-snapshot.js';
import { stateOnReturn } from '../milestone.js';
import { type SnapshotState } from '../snapshot.js';
import { type SnapshotIndex } from '../snapshot-index.js';
import { type Past } from '../snapshot-store.js';
import { compareWithDisk, dropOldNotes, noteSnapshots } from './disk-notes.js';

/** What is litter stays for so long, in case somebody wants to look at it (trust T-10). */
const KEEP_ORPHANS_MS = 2 * HOUR;
/** Nobody puts back a database that is older. */
const KEEP_NOTES_MS = 100 * DAY;

export interface RecoverRequest {
  readonly repository: RepositoryName;
  /** Of the repository's lease: nobody else takes a snapshot of it meanwhile. */
  readonly fence: Fence;
  readonly act: Act;
}

export interface Recovered {
  /** Manifests that were whole and are visible now, or again. */
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
 * Whatever it does can be cut off and done again (trust I-25). It removes no manifest that could still be a snapshot: none
 * that is whole, unless the records say that it was removed on purpose, or that another one was published in its place.
 */
export class RecoverSnapshots {
  constructor(
    private readonly disk: Disk,
    private readonly index: SnapshotIndex,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async run(request: RecoverRequest): Promise<Recovered> {
    if (!(await diskIsOurs(this.disk))) return NOTHING;
    const { repository } = request;
    const finished = await this.finishRemovals(repository);
    const known = await this.index.snapshots.list(repository);
    const { there, neverHere } = await compareWithDisk(this.disk, known);
    await noteSnapshots(this.disk, there);
    await dropOldNotes(this.disk, repository, known, before(this.clock.now(), KEEP_NOTES_MS));
    const adopted: SnapshotId[] = [];
    const removed: SnapshotId[] = [];
    for (const { id, manifest } of await this.orphans(repository)) {
      const fate = manifest ? await this.adopt(manifest, request) : 'litter';
      if (fate === 'adopted') adopted.push(id);
      // An older disk is somebody's copy: nothing of it is litter (trust T-39).
      if (fate === 'litter' && neverHere.length === 0 && (await this.removeOld(repository, id))) removed.push(id);
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
      if (id !== folder || known.has(id)) continue;
      if (await this.disk.stat(manifestKey(repository, id))) {
        orphans.push({ id, manifest: await manifestIfSound(this.disk, repository, id) });
      } else {
        // Made for a manifest that was not written any more; or by hand, then it is not ours to remove what is in it.
        await this.disk.removeEmpty(snapshotFolder(repository, id));
      }
    }
    const sequenceOf = ({ manifest }: Orphan): number => manifest?.header.sequence ?? Infinity;
    return orphans.sort((a, b) => sequenceOf(a) - sequenceOf(b));
  }

  private async adopt(manifest: Manifest, request: RecoverRequest): Promise<'adopted' | 'kept' | 'litter'> {
    const { snapshots, catalog } = this.index;
    const { repository, fence, act } = request;
    const { id, sequence } = manifest.header;
    const lastSequence = await snapshots.lastSequence(repository);
    const past = sequence > lastSequence ? undefined : await snapshots.pastOf(repository, id, manifest.sha256);
    if (past !== undefined && past.kind !== 'vanished') return 'litter';
    if (!(await this.isWhole(manifest))) return 'kept';
    if (past !== undefined) return (await this.readmit(manifest, past, request)) ? 'adopted' : 'kept';
    const changes = await changesSince(catalog, repository, lastSequence, () => filesOf(manifest));
    await snapshots.publish(snapshotOf(manifest), changes, { ...act, fence });
    await noteSnapshots(this.disk, [{ repository, id }]);
    return 'adopted';
  }

  /** It had been removed by hand, or so it seemed, and was put back. A freeze to it holds again. */
  private async readmit(
    manifest: Manifest,
    past: Extract<Past, { kind: 'vanished' }>,
    { repository, fence, act }: RecoverRequest,
  ): Promise<boolean> {
    const { id, sequence, held } = manifest.header;
    const state = stateOnReturn({ sequence, ...past }, await this.index.snapshots.lastMilestone(repository));
    const note = state === 'held' ? held : NOTES[state];
    const lost = await catalogChanges(this.index.catalog.files(repository, sequence), filesOf(manifest));
    const snapshot = { ...snapshotOf(manifest), state, note };
    const why = { ...act, reason: act.reason ?? 'its manifest is on the disk again' };
    if (!(await this.index.snapshots.readmit(snapshot, lost, fence, why))) return false;
    await noteSnapshots(this.disk, [{ repository, id }]);
    this.log.warn('a snapshot that had vanished from the disk is back', { repository, snapshot: id, state });
    return true;
  }

  private async isWhole(manifest: Manifest): Promise<boolean> {
    try {
      return await allBlobsThere(this.disk, filesOf(manifest));
    } catch (error) {
      if (isAppError(error, 'MANIFEST_REFUSED')) return false;
      throw error;
    }
  }

  private async removeOld(repository: RepositoryName, id: SnapshotId): Promise<boolean> {
    const written = await this.disk.stat(manifestKey(repository, id));
    if (written && written.modifiedAt > before(this.clock.now(), KEEP_ORPHANS_MS)) return false;
    await removeManifest(this.disk, repository, id);
    return true;
  }
}

const NOTES: Partial<Readonly<Record<SnapshotState, string>>> = {
  damaged: 'it was damaged when its manifest vanished',
};

interface Orphan {
  readonly id: SnapshotId;
  readonly manifest: Manifest | undefined;
}
