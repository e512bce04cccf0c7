import { type RepositoryName } from '#libs/kernel/ids.js';
import { token } from '#libs/kernel/provider.js';
import { type Sha256 } from '#libs/storage/layout.js';

/** A file found in a repository's source. */
export interface SourceFile {
  /** Relative to the published folder, segments joined by `/`. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Equal signatures mean equal content, as in git's index: size, mtime, ctime and inode (local), ETag (S3). */
  readonly signature: string;
}

export interface IngestedFile extends SourceFile {
  readonly sha256: Sha256;
}

/** Where a repository's files lie after a sync, and the way from there into blobs. */
export interface Source {
  /**
   * The publishable files in byte order of path, in batches. Links that stay inside the published folder are followed.
   *
   * @throws AppError `SOURCE_MISSING`, and `SOURCE_REFUSED` naming what must not be published: a device, FIFO or socket,
   * a link that leads outside, an unreadable file or folder, a name that is not valid UTF-8, or two names that differ
   * only in case or Unicode form
   */
  walk(repository: RepositoryName, folder: string | undefined): AsyncIterable<readonly SourceFile[]>;

  /**
   * Reads each file once, hashing while copying, and makes sure its blob is on the disk, flushed. Answers in the order asked.
   *
   * @throws AppError `SOURCE_CHANGED` when a file did not stand still through three tries
   */
  ingest(
    repository: RepositoryName,
    folder: string | undefined,
    files: readonly SourceFile[],
    attempt: string,
    signal: AbortSignal,
  ): Promise<readonly IngestedFile[]>;
}

export const SOURCE = token<Source>('Source');
