import { type RepositoryName } from '#libs/kernel/ids.js';

/** Where a repository's sync command works. */
export interface SyncPlace {
  readonly cwd: string;
  /** What the command gets as `SOURCE_DIR`. */
  readonly sourceDir: string;
  /** The same folder, for us. */
  readonly watchFolder: string;
  readonly lockFile: string;
}

export interface Workplace {
  /**
   * Makes sure that the folders are there.
   *
   * @throws AppError `DISK_NOT_MARKED`, and those of the disk
   */
  prepare(repository: RepositoryName): Promise<SyncPlace>;
}
