import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { systemCode } from '#libs/kernel/system-code.js';
import { sourceOf } from '#libs/storage/layout.js';
import { type KeyPrefix } from '#libs/storage/object-key.js';

import { Breaths } from './breaths.js';
import { type IngestedFile, type Source, type SourceFile } from '../../source/source.js';
import { type MakeBlobs } from './make-blobs.js';
import { sourceFailure, sourceRefused } from './source-failure.js';
import { isInside } from './source-folder.js';
import { walkSource } from './walk-source.js';

const FILES_PER_BATCH = 1_000;

/**
 * Sources as folders below a root, on the machine that this runs on.
 *
 * Links to files and folders are followed when they lead to somewhere inside the published folder. File calls block:
 * for small files they are several times faster than those that promise (speed notes), and the event loop gets its
 * turn between them.
 */
export class LocalSource implements Source {
  /**
   * @param makeBlobs the way into the blobs of the disk
   * @param home where the folders of a repository stand
   */
  constructor(
    private readonly root: string,
    private readonly makeBlobs: MakeBlobs,
    private readonly home: (repository: RepositoryName) => KeyPrefix = sourceOf,
  ) {}

  async *walk(repository: RepositoryName, folder: string | undefined): AsyncGenerator<readonly SourceFile[]> {
    const breaths = new Breaths();
    for (const batch of walkSource(this.published(repository, folder), FILES_PER_BATCH)) {
      yield batch;
      await breaths.take();
    }
  }

  async ingest(
    repository: RepositoryName,
    folder: string | undefined,
    files: readonly SourceFile[],
    attempt: string,
    signal: AbortSignal,
  ): Promise<readonly IngestedFile[]> {
    return this.makeBlobs.run(this.published(repository, folder), files, attempt, signal);
  }

  /** The published folder, resolved. Links above it may not lead elsewhere, except the one an operator made of `source`. */
  private published(repository: RepositoryName, folder: string | undefined): string {
    const home = join(this.root, this.home(repository));
    try {
      const real = realpathSync.native(join(home, folder ?? ''));
      if (!isInside(join(realpathSync.native(dirname(home)), basename(home)), real)) {
        throw sourceRefused(folder ?? repository, 'leads out of the folder of its repository');
      }
      if (!lstatSync(real).isDirectory()) throw sourceRefused(folder ?? repository, 'is not a folder');
      return real;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw sourceMissing(repository, folder);
      throw sourceFailure(error, folder ?? repository);
    }
  }
}

/** Both causes in the message, since that is all that a run keeps of an error. */
function sourceMissing(repository: RepositoryName, folder: string | undefined): AppError {
  const [what, hint] =
    folder === undefined
      ? ['source to take a snapshot of', 'Sync it: its command has to save files below $SOURCE_DIR.']
      : [
          `folder "${folder}" in its source: its command saves nothing there, or another folder is to be published (repository:update ${repository} --source-folder <folder>)`,
          `Let the command save below $SOURCE_DIR/${folder}, or name the other folder; then sync again.`,
        ];
  return new AppError('not-found', 'SOURCE_MISSING', `"${repository}" has no ${what}.`, { hint });
}
