import { type Act } from '#libs/kernel/actor.js';
import { AppError } from '#libs/kernel/errors.js';
import { asSnapshotId, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Fence } from '#libs/persistence/lease.js';
import { type Disk } from '#libs/storage/disk.js';
import { assertDiskIsOurs } from '#libs/storage/disk-marker.js';
import { snapshotsOf } from '#libs/storage/layout.js';

import { allAdded, catalogChanges } from '../catalog/catalog-changes.js';
import { filesOf, manifestIfSound, type Manifest } from '../manifest/read-manifest.js';
import { snapshotOf } from '../manifest/store-manifest.js';
import { type ListedFile, type Snapshot } from '../snapshot.js';
import { type CatalogChange, type SnapshotStore } from '../snapshot-store.js';
import { compareWithDisk, noteSnapshots } from './disk-notes.js';

export interface RebuildRequest {
  readonly repository: RepositoryName;
  /** Of the repository's lease. */
  readonly fence: Fence;
  readonly act: Act;
}

export interface Rebuilt {
  /** Every snapshot that the index has now. */
  readonly snapshots: readonly SnapshotId[];
  /** Those that it did not have before. */
  readonly found: readonly SnapshotId[];
  /** Those that it had, and whose manifest is missing or no good: without it there is no such snapshot. */
  readonly lost: readonly SnapshotId[];
}

/**
 * Makes the index of a repository anew from the manifests on the disk, which are the truth (storage.md). What no manifest
 * says, such as that a snapshot is superseded or damaged, is taken over from the index, as far as it knows.
 */
export class RebuildIndex {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
  ) {}

  /** @throws AppError `DISK_NOT_MARKED`, `DISK_OLDER`, `LEASE_LOST`, and those of disk and database; then the index is as it was */
  async run({ repository, fence, act }: RebuildRequest): Promise<Rebuilt> {
    await assertDiskIsOurs(this.disk);
    const known = (await this.snapshots.list(repository)).filter(({ state }) => state !== 'removing');
    const { neverHere } = await compareWithDisk(this.disk, known);
    if (neverHere.length > 0) throw olderDisk(repository, neverHere);
    const manifests = await this.manifests(repository);
    await this.snapshots.rebuild(repository, fence, act, () => this.publishAll(manifests, known, { fence, act }));
    await noteSnapshots(
      this.disk,
      manifests.map(({ header }) => header),
    );
    return outcome(manifests, known);
  }

  /** All that are sound, in order of sequence. */
  private async manifests(repository: RepositoryName): Promise<readonly Manifest[]> {
    const manifests: Manifest[] = [];
    for await (const folder of this.disk.folders(snapshotsOf(repository))) {
      const id = asSnapshotId(folder);
      const manifest = id === folder ? await manifestIfSound(this.disk, repository, id) : undefined;
      if (manifest !== undefined) manifests.push(manifest);
    }
    return manifests.sort((a, b) => a.header.sequence - b.header.sequence);
  }

  private async publishAll(
    manifests: readonly Manifest[],
    known: readonly Snapshot[],
    { fence, act }: Pick<RebuildRequest, 'fence' | 'act'>,
  ): Promise<void> {
    let before: Manifest | undefined;
    for (const manifest of manifests) {
      const row = known.find(
        ({ id, manifestSha256 }) => id === manifest.header.id && manifestSha256 === manifest.sha256,
      );
      const { state, note, stateSince: since, run } = row ?? { ...snapshotOf(manifest), ...UNKNOWN };
      const snapshot = { ...snapshotOf(manifest), state, note };
      await this.snapshots.publish(snapshot, await changesBetween(before, manifest), { ...act, fence, run, since });
      before = manifest;
    }
  }
}

const UNKNOWN = { stateSince: undefined, run: undefined };

function changesBetween(before: Manifest | undefined, manifest: Manifest): Promise<Iterable<CatalogChange>> {
  if (before === undefined) return Promise.resolve(allAdded(() => filesOf(manifest)));
  return catalogChanges(oneByOne(filesOf(before)), filesOf(manifest));
}

async function* oneByOne(files: Iterable<ListedFile>): AsyncGenerator<ListedFile> {
  yield* files;
}

function outcome(manifests: readonly Manifest[], known: readonly Snapshot[]): Rebuilt {
  const snapshots = manifests.map(({ header }) => header.id);
  const ids = known.map(({ id }) => id);
  return {
    snapshots,
    found: snapshots.filter((id) => !ids.includes(id)),
    lost: ids.filter((id) => !snapshots.includes(id)),
  };
}

const olderDisk = (name: RepositoryName, neverHere: readonly Snapshot[]): AppError =>
  new AppError(
    'conflict',
    'DISK_OLDER',
    `The disk never had ${String(neverHere.length)} of the snapshots of "${name}", such as ${neverHere[0]?.id ?? ''}.`,
    {
      hint: 'It is older than the database, or another one. Mount the right volume; if there is none, snapshot:delete them first.',
    },
  );
