import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';

/** A manifest that is torn, was edited, or is not one (trust T-07). */
export const manifestRefused = (because: string, cause?: unknown): AppError =>
  new AppError('internal', 'MANIFEST_REFUSED', `The manifest is refused, since ${because}.`, { cause });

export const manifestRefusedOf = (repository: RepositoryName, id: SnapshotId, cause: AppError): AppError =>
  new AppError('internal', 'MANIFEST_REFUSED', `Snapshot ${id} of "${repository}" cannot be read: ${cause.message}`, {
    hint: 'Put its manifest back from a backup, or delete the snapshot.',
    cause,
  });
