import { AppError } from '#libs/kernel/errors.js';
import { asSnapshotId, printable, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { snapshotsOf } from '#libs/storage/layout.js';

/** What an operator named to freeze to. */
export interface FreezeTarget {
  /** The name of a folder below `snapshots/<repository>`. */
  readonly directory: string;
  /** The snapshot of that name, when it is a snapshot's. */
  readonly id: SnapshotId | undefined;
}

/**
 * Understands a snapshot's id in either form, the name of a directory below `snapshots/<repository>`, and its path: from
 * the root of the disk, or absolute.
 *
 * @param folder the one of the repository's snapshots, on a disk that is a folder
 * @throws AppError `INVALID_FREEZE_TARGET`
 */
export function freezeTarget(repository: RepositoryName, text: string, folder: string | undefined): FreezeTarget {
  const shelf = snapshotsOf(repository);
  const path = text.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  const start = [shelf, `${folder ?? shelf}/`].find((each) => path.startsWith(each)) ?? '';
  const directory = path.slice(start.length);
  // What begins with a dot is ours.
  if (directory === '' || directory.startsWith('.') || /[/\\\0]/.test(directory)) {
    throw new AppError(
      'invalid',
      'INVALID_FREEZE_TARGET',
      `"${printable(text)}" does not name a directory in ${shelf}.`,
      {
        hint: `Name a snapshot, as repository:snapshots shows them, or put the directory into ${shelf} first.`,
      },
    );
  }
  return { directory, id: asSnapshotId(directory) };
}
