import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Disk } from '#libs/storage/disk.js';
import { assertDiskIsOurs } from '#libs/storage/disk-marker.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { checkBlob, type BlobState } from './check-blob.js';
import { getSnapshot } from '../get-snapshot.js';
import { filesOf, manifestIfSound, type Manifest } from '../manifest/read-manifest.js';
import { stateOnReturn } from '../milestone.js';
import { type RepairBlob } from './repair-blob.js';
import { type ListedFile, type Snapshot, type SnapshotState } from '../snapshot.js';
import { type SnapshotIndex } from '../snapshot-index.js';
import { damageByLoss, takeOutOfService, type DamageOf, type OutOfService } from './take-out-of-service.js';

export interface VerifyRequest {
  readonly repository: RepositoryName;
  readonly snapshot: SnapshotId;
  readonly act: Act;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly files: number; readonly bytes: number }) => void;
}

export interface Problem {
  readonly path: string;
  readonly state: Exclude<BlobState, 'sound'>;
  /** Whether it was brought back from the source. */
  readonly repaired: boolean;
}

export interface Verification {
  readonly snapshot: SnapshotId;
  readonly files: number;
  readonly bytes: number;
  /** Whether the manifest is the one that was published; if not, nothing else could be checked. */
  readonly manifestSound: boolean;
  readonly problems: readonly Problem[];
  readonly sound: boolean;
  readonly state: SnapshotState;
  /** What the snapshot's state became through this, if it changed. One that has to go on being served stays as it is. */
  readonly movedTo: SnapshotState | undefined;
  /** Other snapshots that have the damage, and are served no more either. */
  readonly alsoMarked: readonly SnapshotId[];
  /** The one that has the damage and goes on being served, since no other one is whole, or the repository is frozen to it. */
  readonly keptDamaged: SnapshotId | undefined;
}

interface Loss extends Problem {
  readonly sha256: Sha256;
}

const is =
  ({ id }: Snapshot) =>
  (other: SnapshotId): boolean =>
    other === id;

const UNTOUCHED: OutOfService = { marked: [], kept: undefined };

/** Reads all content of a snapshot, repairs what it can, and settles whether the snapshot may be served. */
export class VerifySnapshot {
  constructor(
    private readonly disk: Disk,
    private readonly index: SnapshotIndex,
    private readonly repositories: RepositoryStore,
    private readonly repairBlob: RepairBlob,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `REPOSITORY_NOT_FOUND`, `SNAPSHOT_NOT_FOUND`, `DISK_NOT_MARKED`, and those of the disk */
  async run(request: VerifyRequest): Promise<Verification> {
    const { snapshots } = this.index;
    const repository = await getRepository(this.repositories, request.repository);
    const snapshot = await getSnapshot(snapshots, repository.name, request.snapshot);
    const manifest = await manifestIfSound(this.disk, repository.name, snapshot.id);
    const manifestSound = manifest?.sha256 === snapshot.manifestSha256;
    const found = manifest && manifestSound ? await this.problems(repository, manifest, request) : [];
    const lost = found.filter(({ repaired }) => !repaired);
    const sound = manifestSound && lost.length === 0;
    const { marked, kept } = sound ? UNTOUCHED : await this.endService(repository, snapshot, lost, request.act);
    const movedTo = sound ? await this.putBack(snapshot, request.act) : marked.find(is(snapshot)) && 'damaged';
    const { id, files, bytes, state } = snapshot;
    return {
      ...{ snapshot: id, files, bytes, manifestSound, sound, movedTo, state: movedTo ?? state },
      problems: found.map(({ path, state, repaired }) => ({ path, state, repaired })),
      alsoMarked: marked.filter((other) => other !== id),
      keptDamaged: kept,
    };
  }

  private async problems(
    repository: Repository,
    manifest: Manifest,
    { signal, onProgress }: VerifyRequest,
  ): Promise<readonly Loss[]> {
    const progress = { files: 0, bytes: 0 };
    const problems: Loss[] = [];
    const seen = new Map<Sha256, Omit<Problem, 'path'> | undefined>();
    for (const file of filesOf(manifest)) {
      signal.throwIfAborted();
      const { path, sha256 } = file;
      if (!seen.has(sha256)) seen.set(sha256, await this.problemOf(repository, file, signal));
      const problem = seen.get(sha256);
      if (problem) problems.push({ path, sha256, ...problem });
      progress.files += 1;
      progress.bytes += file.size;
      onProgress?.({ ...progress });
    }
    return problems;
  }

  private async problemOf(
    repository: Repository,
    file: ListedFile,
    signal: AbortSignal,
  ): Promise<Omit<Problem, 'path'> | undefined> {
    const state = await checkBlob(this.disk, file, signal);
    if (state === 'sound') return undefined;
    return { state, repaired: await this.repairBlob.run(repository, file, signal) };
  }

  /** Of all that have one of these contents; of this one alone, when it is its manifest. */
  private async endService(
    repository: Repository,
    { id }: Snapshot,
    lost: readonly Loss[],
    act: Act,
  ): Promise<OutOfService> {
    await assertDiskIsOurs(this.disk);
    const byLoss = damageByLoss(this.index.catalog, lost);
    const byManifest = 'Its manifest is missing, or not the one that was published.';
    const damageOf: DamageOf = async (snapshot) =>
      lost.length === 0 ? (snapshot.id === id ? byManifest : undefined) : byLoss(snapshot);
    return takeOutOfService(this.index.snapshots, repository, damageOf, { act, now: this.clock.now() });
  }

  private async putBack(snapshot: Snapshot, act: Act): Promise<SnapshotState | undefined> {
    const { repository, id, sequence, state, stateSince } = snapshot;
    if (state !== 'damaged') return undefined;
    const milestone = await this.index.snapshots.lastMilestone(repository);
    const to = stateOnReturn({ sequence, state: 'complete', since: stateSince }, milestone);
    return (await this.index.snapshots.move(repository, id, 'damaged', to, act)) ? to : undefined;
  }
}
