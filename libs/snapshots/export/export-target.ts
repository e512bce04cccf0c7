import { type Readable } from 'node:stream';

import { token } from '#libs/kernel/provider.js';

import { type ListedFile } from '../snapshot.js';

/** A folder that a snapshot is written to as plain files. */
export interface ExportTarget {
  /** @throws AppError `EXPORT_NOT_EMPTY` when something is there already */
  open(directory: string): Promise<ExportTree>;
}

export interface ExportTree {
  /** @throws AppError `CONTENT_DAMAGED` when the bytes are not those of the file */
  write(file: ListedFile, body: Readable): Promise<void>;
}

export const EXPORT_TARGET = token<ExportTarget>('ExportTarget');
