import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';
import { blobKey } from '#libs/storage/layout.js';

import { type ExportTarget } from './export-target.js';
import { getSnapshot } from '../get-snapshot.js';
import { filesOf, readManifest } from '../manifest/read-manifest.js';
import { type SnapshotStore } from '../snapshot-store.js';

export interface ExportRequest {
  readonly repository: RepositoryName;
  readonly snapshot: SnapshotId;
  /** New or empty. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly files: number; readonly bytes: number }) => void;
}

/** Makes a plain tree of a snapshot, with the times of its files; every content is checked while it is copied. */
export class ExportSnapshot {
  constructor(
    private readonly disk: Disk,
    private readonly snapshots: SnapshotStore,
    private readonly target: ExportTarget,
  ) {}

  /**
   * @throws AppError `SNAPSHOT_NOT_FOUND`, `EXPORT_NOT_EMPTY`, `CONTENT_DAMAGED`, `MANIFEST_REFUSED`, and those of the
   * disk; then a part of the tree may be there
   */
  async run({ repository, snapshot: id, directory, signal, onProgress }: ExportRequest) {
    const snapshot = await getSnapshot(this.snapshots, repository, id);
    const manifest = await readManifest(this.disk, repository, snapshot.id);
    const tree = await this.target.open(directory);
    const progress = { files: 0, bytes: 0 };
    for (const file of filesOf(manifest)) {
      signal.throwIfAborted();
      await tree.write(file, await this.disk.read(blobKey(file.sha256)));
      progress.files += 1;
      progress.bytes += file.size;
      onProgress?.({ ...progress });
    }
    return progress;
  }
}
