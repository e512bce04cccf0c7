import { AppError } from '#libs/kernel/errors.js';
import { printable, type RepositoryName } from '#libs/kernel/ids.js';

export const notAParceler = (place: string, because: string, cause?: unknown): AppError =>
  new AppError('invalid', 'NOT_A_PARCELER', `${place} is not what an original Parceler left: ${because}.`, {
    hint: 'Name its SQLite database, such as database/database.sqlite, and the folder that holds its "source" and "snapshots".',
    cause,
  });

export const originalUnreadable = (place: string, cause: unknown): AppError =>
  new AppError('conflict', 'ORIGINAL_UNREADABLE', `${place} cannot be read.`, {
    hint: 'Give the user that runs Parceler the right to read all of the old storage.',
    cause,
  });

export const freezeMissing = (name: RepositoryName, frozenTo: string): AppError =>
  new AppError(
    'not-found',
    'ORIGINAL_FREEZE_MISSING',
    `"${name}" is frozen to "${printable(frozenTo)}", which is not there.`,
    {
      hint: 'It is not imported: clients would get something else. Put the directory back, or unfreeze it in the old Parceler.',
    },
  );

export const freezeNotTaken = (name: RepositoryName, cause: AppError): AppError =>
  new AppError(
    'conflict',
    'ORIGINAL_FREEZE_REFUSED',
    `"${name}" is frozen to a directory that cannot be taken: ${cause.message}`,
    {
      hint: 'Nothing newer was imported of it. Correct the directory, and import again.',
      cause,
    },
  );

export const repositoryBusy = (name: RepositoryName): AppError =>
  new AppError('conflict', 'REPOSITORY_BUSY', `"${name}" is being synced, and was left as it is.`, {
    hint: 'Wait until run:list shows the end of the sync, then import again.',
  });
