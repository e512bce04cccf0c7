import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Disk } from '#libs/storage/disk.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { checkBlob, type BlobState } from './check-blob.js';
import { getSnapshot } from '../get-snapshot.js';
import { goesOn } from './goes-on.js';
import { filesOf, manifestIfSound, type Manifest } from '../manifest/read-manifest.js';
import { type RepairBlob } from './repair-blob.js';
import { type ListedFile, type Snapshot } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';
import { completeOnes, freezeAt } from '../stable-snapshot.js';

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
  /** What the snapshot's state became through this, if it changed. One that has to go on being served stays as it is. */
  readonly movedTo: 'complete' | 'damaged' | undefined;
}

/** Reads all content of a snapshot, repairs what it can, and settles whether the snapshot may be served. */
export class VerifySnapshot {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
    private readonly repositories: RepositoryStore,
    private readonly repairBlob: RepairBlob,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `REPOSITORY_NOT_FOUND`, `SNAPSHOT_NOT_FOUND`, and those of the disk */
  async run(request: VerifyRequest): Promise<Verification> {
    const repository = await getRepository(this.repositories, request.repository);
    const snapshot = await getSnapshot(this.snapshots, repository.name, request.snapshot);
    const manifest = await manifestIfSound(this.disk, repository.name, snapshot.id);
    const manifestSound = manifest?.sha256 === snapshot.manifestSha256;
    const problems = manifest && manifestSound ? await this.problems(repository, manifest, request) : [];
    const sound = manifestSound && problems.every(({ repaired }) => repaired);
    const movedTo = await this.settle(repository, snapshot, sound, request.act);
    const { id, files, bytes } = snapshot;
    return { snapshot: id, files, bytes, manifestSound, problems, sound, movedTo };
  }

  private async problems(
    repository: Repository,
    manifest: Manifest,
    { signal, onProgress }: VerifyRequest,
  ): Promise<readonly Problem[]> {
    const progress = { files: 0, bytes: 0 };
    const problems: Problem[] = [];
    const seen = new Map<Sha256, Omit<Problem, 'path'> | undefined>();
    for (const file of filesOf(manifest)) {
      signal.throwIfAborted();
      if (!seen.has(file.sha256)) seen.set(file.sha256, await this.problemOf(repository, file, signal));
      const problem = seen.get(file.sha256);
      if (problem) problems.push({ path: file.path, ...problem });
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

  private async settle(
    repository: Repository,
    snapshot: Snapshot,
    sound: boolean,
    act: Act,
  ): Promise<'complete' | 'damaged' | undefined> {
    const { repository: name, id, state } = snapshot;
    if (!sound && state === 'complete') {
      if (await this.hasToGoOn(repository, snapshot)) return undefined;
      const note = 'Content of it is missing or wrong.';
      return (await this.snapshots.move(name, id, 'complete', 'damaged', { ...act, note })) ? 'damaged' : undefined;
    }
    if (!sound || state !== 'damaged' || (await this.wasSuperseded(snapshot))) return undefined;
    return (await this.snapshots.move(name, id, 'damaged', 'complete', act)) ? 'complete' : undefined;
  }

  private async hasToGoOn(repository: Repository, snapshot: Snapshot): Promise<boolean> {
    const complete = completeOnes(await this.snapshots.list(repository.name));
    const frozenTo = freezeAt(repository, this.clock.now())?.snapshot;
    return goesOn(complete, [snapshot], frozenTo) === snapshot.id;
  }

  /** A milestone that came after the damage took it out of service for good. */
  private async wasSuperseded({ repository, stateSince }: Snapshot): Promise<boolean> {
    const all = await this.snapshots.list(repository);
    return all.some((other) => other.state === 'superseded' && other.stateSince >= stateSince);
  }
}
