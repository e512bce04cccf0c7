import { type KeyPrefix } from '#libs/storage/object-key.js';

/** A repository as the original Parceler's database has it; nothing of it is checked. */
export interface OriginalRepository {
  readonly name: string;
  readonly command: string;
  /** Empty when all of the source is published. */
  readonly sourceFolder: string;
  readonly delay: string;
  /** The path of a directory, such as `snapshots/debian/2026-01-14T10:30:45+00:00`. */
  readonly frozenTo: string | undefined;
}

export interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** What an original Parceler left on this machine. It is read, and never changed. */
export interface Original {
  /** In the order in which they were registered. @throws AppError `NOT_A_PARCELER` */
  repositories(databaseFile: string): readonly OriginalRepository[];

  /** Where its storage really stands. @throws AppError `NOT_A_PARCELER` */
  storage(folder: string): string;

  /**
   * What stands in a folder of its storage, without what begins with a dot; nothing when there is no such folder.
   *
   * @throws AppError `ORIGINAL_UNREADABLE`
   */
  entries(storage: string, folder: KeyPrefix): readonly Entry[];
}
