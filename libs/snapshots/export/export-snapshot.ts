import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { AppError, isAppError } from '#libs/kernel/errors.js';
import { printable, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';
import { assertDiskIsOurs } from '#libs/storage/disk-marker.js';
import { blobKey } from '#libs/storage/layout.js';

import { type ExportTarget, type ExportTree } from './export-target.js';
import { getSnapshot } from '../get-snapshot.js';
import { filesOf, readManifest, type Manifest } from '../manifest/read-manifest.js';
import { type ListedFile, type Snapshot } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';

export interface ExportRequest {
  readonly repository: RepositoryName;
  readonly snapshot: SnapshotId;
  /** New or empty. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly files: number; readonly bytes: number }) => void;
}

/**
 * Makes a plain tree of a snapshot, with the times of its files; every content is checked while it is copied. An export
 * that ends early takes back what it has written, so that it can simply be tried again.
 */
export class ExportSnapshot {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
    private readonly target: ExportTarget,
  ) {}

  /**
   * @throws AppError `SNAPSHOT_NOT_FOUND`, `CONTENT_DAMAGED`, `MANIFEST_REFUSED`, those of the disk and of the target, and
   * the signal's reason
   */
  async run(request: ExportRequest): Promise<{ readonly files: number; readonly bytes: number }> {
    const snapshot = await getSnapshot(this.snapshots, request.repository, request.snapshot);
    const manifest = await this.orDamaged(snapshot, 'The list of files', () =>
      readManifest(this.disk, snapshot.repository, snapshot.id),
    );
    const tree = await this.target.open(request.directory);
    const progress = { files: 0, bytes: 0 };
    try {
      await this.write(snapshot, manifest, tree, { ...request, progress });
      return progress;
    } catch (error) {
      await tree.takeBack(first(progress.files, filesOf(manifest)));
      throw error;
    }
  }

  private async write(
    snapshot: Snapshot,
    manifest: Manifest,
    tree: ExportTree,
    { signal, onProgress, progress }: ExportRequest & { readonly progress: { files: number; bytes: number } },
  ): Promise<void> {
    for (const file of filesOf(manifest)) {
      signal.throwIfAborted();
      const what = `The content of "${printable(file.path)}"`;
      const blob = await this.orDamaged(snapshot, what, () => this.disk.read(blobKey(file.sha256)));
      try {
        await tree.write(file, Readable.from(checked(blob, file, snapshot, signal), { objectMode: false }));
      } finally {
        blob.destroy();
      }
      progress.files += 1;
      progress.bytes += file.size;
      onProgress?.({ ...progress });
    }
  }

  /** What is not there is damage, unless the whole disk is not. */
  private async orDamaged<T>(snapshot: Snapshot, what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isAppError(error, 'OBJECT_NOT_FOUND')) throw error;
      await assertDiskIsOurs(this.disk);
      throw damaged(snapshot, `${what} is missing`, error);
    }
  }
}

/** Lets bytes through, and fails at their end when they were not those of the file. */
async function* checked(
  body: Readable,
  { path, sha256 }: ListedFile,
  snapshot: Snapshot,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  const digest = createHash('sha256');
  for await (const chunk of body) {
    signal.throwIfAborted();
    digest.update(chunk as Buffer);
    yield chunk as Buffer;
  }
  if (digest.digest('hex') !== sha256) {
    throw damaged(snapshot, `The content of "${printable(path)}" is not what it was`);
  }
}

function* first<T>(count: number, items: Iterable<T>): Iterable<T> {
  let taken = 0;
  for (const item of items) {
    if (taken === count) return;
    taken += 1;
    yield item;
  }
}

const damaged = ({ repository, id }: Snapshot, what: string, cause?: unknown): AppError =>
  new AppError('unavailable', 'CONTENT_DAMAGED', `${what}: snapshot ${id} of "${repository}" is damaged.`, {
    hint: `snapshot:verify ${repository} ${id} tells what else is, and repairs what the source still has.`,
    cause,
  });
