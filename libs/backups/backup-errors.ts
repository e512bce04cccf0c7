import { AppError } from '#libs/kernel/errors.js';

export const folderTaken = (path: string): AppError =>
  new AppError('conflict', 'BACKUP_FOLDER_TAKEN', `The folder ${path} is not empty.`, {
    hint: 'Name a new folder for each backup, such as one with the date.',
  });

export const backupDisturbed = (): AppError =>
  new AppError('unavailable', 'BACKUP_DISTURBED', 'Snapshots came and went all the time while they were copied.', {
    hint: 'Nothing was kept of it. Try again when fewer syncs run.',
  });

export const notABackup = (path: string, cause: unknown): AppError =>
  new AppError('invalid', 'NOT_A_BACKUP', `There is no backup: ${path} is missing, or cannot be understood.`, {
    hint: 'Name the folder that parceler backup wrote. One that was cut short has no such file, and is none.',
    cause,
  });

export const backupDamaged = (why: string): AppError =>
  new AppError('internal', 'BACKUP_DAMAGED', `The backup is damaged. ${why}`, {
    hint: 'Nothing was changed. Take another backup.',
  });

export const inUse = (): AppError =>
  new AppError('conflict', 'RESTORE_OVERWRITES', 'This installation has repositories or systems already.', {
    hint: '--force puts the backup in their place; a copy of the present database is kept beside it.',
  });

export const otherManifest = (path: string): AppError =>
  new AppError(
    'conflict',
    'RESTORE_CONFLICT',
    `The disk has another snapshot in the place of one of the backup's: ${path}.`,
    {
      hint: 'Is it the disk of another installation? Move that folder away, then restore again.',
    },
  );
