import { AppError } from '#libs/kernel/errors.js';
import { type Leases } from '#libs/persistence/lease.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Disk } from '#libs/storage/disk.js';
import { blobKey, stagingOf } from '#libs/storage/layout.js';

import { whileWritingBlobs } from '../blob-leases.js';
import { checkBlob } from './check-blob.js';
import { type ListedFile } from '../snapshot.js';
import { type Source } from '../source/source.js';

/** Brings back lost content from where it came from, as long as the source still has it (trust T-29). */
export class RepairBlob {
  constructor(
    private readonly disk: Disk,
    private readonly source: Source,
    private readonly leases: Leases,
  ) {}

  /** Whether the blob is sound afterwards. */
  async run(
    { name, sourceFolder }: Pick<Repository, 'name' | 'sourceFolder'>,
    file: ListedFile,
    signal: AbortSignal,
  ): Promise<boolean> {
    const attempt = `repair-${file.sha256}`;
    try {
      return await whileWritingBlobs(this.leases, attempt, signal, async (held) => {
        const state = await checkBlob(this.disk, file, held);
        // Out of the way, or it would pass for the content that is to take its place.
        if (state === 'wrong') await this.disk.remove(blobKey(file.sha256));
        if (state === 'sound' || state === 'unreadable') return state === 'sound';
        const wanted = { path: file.path, size: file.size, mtimeMs: file.mtimeMs, signature: '' };
        const [found] = await this.source.ingest(name, sourceFolder, [wanted], attempt, held);
        return found?.sha256 === file.sha256;
      });
    } catch (error) {
      if (error instanceof AppError && NOT_REPAIRABLE.has(error.code)) return false;
      throw error;
    } finally {
      await this.disk.removeAll(stagingOf(attempt)).catch(() => undefined); // swept later
    }
  }
}

/** The source has it no more, or somebody else is repairing it. */
const NOT_REPAIRABLE = new Set(['SOURCE_MISSING', 'SOURCE_REFUSED', 'SOURCE_CHANGED', 'ATTEMPT_RUNNING']);
