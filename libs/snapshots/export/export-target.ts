import { type Readable } from 'node:stream';

import { token } from '#libs/kernel/provider.js';

import { type ListedFile } from '../snapshot.js';

/** A folder that a snapshot is written to as plain files. */
export interface ExportTarget {
  /** @throws AppError `EXPORT_NOT_A_FOLDER`, `EXPORT_NOT_EMPTY`, `EXPORT_FAILED` */
  open(directory: string): Promise<ExportTree>;
}

export interface ExportTree {
  /**
   * Writes a file with its time. Errors of the body come back as they are; nothing of the file stays behind then.
   *
   * @throws AppError `EXPORT_FAILED`
   */
  write(file: Pick<ListedFile, 'path' | 'mtimeMs'>, body: Readable): Promise<void>;

  /** Takes back these files, which `write` wrote, and each folder that was made for them and has nothing else in it. */
  takeBack(files: Iterable<Pick<ListedFile, 'path'>>): Promise<void>;
}

export const EXPORT_TARGET = token<ExportTarget>('ExportTarget');
