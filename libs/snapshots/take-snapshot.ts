import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError, isAppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { type Fence, type Leases } from '#libs/persistence/lease.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Disk } from '#libs/storage/disk.js';
import { stagingOf } from '#libs/storage/layout.js';

import { whileWritingBlobs } from './blob-leases.js';
import { changesSince } from './catalog/catalog-changes.js';
import { reasonToHold } from './checks/check-shrink.js';
import { manifestIfSound, type Manifest } from './manifest/read-manifest.js';
import { freeIds, storeManifest } from './manifest/store-manifest.js';
import { publishManifest } from './publish-manifest.js';
import { type ChangeCounts, type NewSnapshot, type Snapshot } from './snapshot.js';
import { type SnapshotIndex } from './snapshot-index.js';
import { type CatalogChange } from './snapshot-store.js';
import { type SourceList } from './source/list-builder.js';
import { listSource } from './source/list-source.js';
import { type Source, type SourceFile } from './source/source.js';

export interface TakeSnapshotRequest {
  readonly repository: Pick<Repository, 'name' | 'sourceFolder'>;
  /** Names the work area; no other attempt ever had it. */
  readonly attempt: string;
  /** Of the repository's lease. */
  readonly fence: Fence;
  readonly act: Act;
  readonly signal: AbortSignal;
  readonly run?: number | undefined;
  /** Becomes true in the transaction that makes the snapshot visible; if it fails there is no snapshot. */
  readonly together?: ((snapshot: NewSnapshot) => Promise<void>) | undefined;
}

export interface SnapshotSettings {
  readonly clock: Clock;
  /** A list that has lost more than this fraction is held. */
  readonly shrink: number;
  readonly log: Log;
}

export interface SnapshotTaken {
  readonly snapshot: NewSnapshot;
  readonly changes: ChangeCounts;
}

/** Makes a snapshot of what a repository's source holds now. It becomes visible whole or not at all. */
export class TakeSnapshot {
  constructor(
    private readonly disk: Disk,
    private readonly source: Source,
    private readonly index: SnapshotIndex,
    private readonly leases: Leases,
    private readonly settings: SnapshotSettings,
  ) {}

  /**
   * @throws AppError `SOURCE_MISSING`, `SOURCE_REFUSED`, `SOURCE_CHANGED`, `SOURCE_EMPTY`, `LEASE_LOST`, and those of
   * the disk; then nothing has changed but blobs that nobody needs
   */
  async run(request: TakeSnapshotRequest): Promise<SnapshotTaken> {
    const { attempt, signal } = request;
    try {
      return await whileWritingBlobs(this.leases, attempt, signal, (held) => this.take({ ...request, signal: held }));
    } finally {
      // What this leaves is swept when it is found that the attempt is over; how that went is the error to tell.
      await this.disk.removeAll(stagingOf(attempt)).catch(() => undefined);
    }
  }

  private async take(request: TakeSnapshotRequest): Promise<SnapshotTaken> {
    const { name } = request.repository;
    const takenAt = this.settings.clock.now();
    const known = await this.index.snapshots.list(name);
    const lastSequence = await this.index.snapshots.lastSequence(name);

    const { list, previous } = await this.listed(request, await this.previous(known));
    const held = this.check(name, list.draft.totals, known);
    request.signal.throwIfAborted();

    const facts = { repository: name, sequence: lastSequence + 1, takenAt, changes: list.counts, held };
    const snapshot = await storeManifest(this.disk, list.draft, facts, await freeIds(this.disk, takenAt, known, name));
    const changes = () => this.catalogChanges(list, previous, snapshot);
    const { act, fence, run, together, signal } = request;
    const publishing = { ...act, fence, run, together: together && (() => together(snapshot)) };
    await publishManifest(this.disk, this.index.snapshots, snapshot, changes, { act: publishing, signal });
    return { snapshot, changes: snapshot.changes };
  }

  /** The newest snapshot whose list can be gone by. */
  private async previous(known: readonly Snapshot[]): Promise<Previous | undefined> {
    const damaged = known.filter(({ state }) => state === 'damaged');
    for (const snapshot of known.toReversed()) {
      if (snapshot.state === 'damaged' || snapshot.state === 'removing') continue;
      const manifest = await manifestIfSound(this.disk, snapshot.repository, snapshot.id);
      if (manifest?.sha256 !== snapshot.manifestSha256) continue;
      // Where blobs were lost since, all files are read again, which brings back what the source still has.
      return { manifest, trusted: !damaged.some(({ stateSince }) => stateSince >= snapshot.takenAt) };
    }
    return undefined;
  }

  /** A list whose lines cannot be read is as good as none: then all files are read again. */
  private async listed(
    request: TakeSnapshotRequest,
    previous: Previous | undefined,
  ): Promise<{ readonly list: SourceList; readonly previous: Previous | undefined }> {
    try {
      return { list: await this.list(request, previous), previous };
    } catch (error) {
      if (previous === undefined || !isAppError(error, 'MANIFEST_REFUSED')) throw error;
      const { repository, id } = previous.manifest.header;
      this.settings.log.warn('a manifest cannot be read; all files are read again', {
        repository,
        snapshot: id,
        error: error.message,
      });
      return { list: await this.list(request, undefined), previous: undefined };
    }
  }

  private list(request: TakeSnapshotRequest, previous: Previous | undefined): Promise<SourceList> {
    const { repository, attempt, signal } = request;
    const { name, sourceFolder } = repository;
    const walk = untilAborted(this.source.walk(name, sourceFolder), signal);
    return listSource(walk, previous, (files) => this.source.ingest(name, sourceFolder, files, attempt, signal));
  }

  private check(
    name: RepositoryName,
    totals: { readonly files: number; readonly bytes: number },
    known: readonly Snapshot[],
  ): string | undefined {
    const good = known.findLast(({ state }) => state !== 'held' && state !== 'removing');
    if (totals.files > 0 || good !== undefined) return reasonToHold(totals, good, this.settings.shrink);
    throw new AppError('conflict', 'SOURCE_EMPTY', `The source of "${name}" is empty, and it has no snapshot yet.`, {
      hint: 'The sync command has to save files below $SOURCE_DIR; run:log shows what it did.',
    });
  }

  /** What changed against the list published last, which need not be the one that was gone by. */
  private async catalogChanges(
    { draft, changes }: SourceList,
    previous: Previous | undefined,
    { repository, sequence }: NewSnapshot,
  ): Promise<Iterable<CatalogChange>> {
    if (previous?.manifest.header.sequence === sequence - 1) return changes;
    return changesSince(this.index.catalog, repository, sequence - 1, () => draft.files());
  }
}

interface Previous {
  readonly manifest: Manifest;
  readonly trusted: boolean;
}

async function* untilAborted(
  walk: AsyncIterable<readonly SourceFile[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly SourceFile[]> {
  for await (const batch of walk) {
    signal.throwIfAborted();
    yield batch;
  }
}
