import { EntitySchema } from 'typeorm';

import { type Sha256 } from '#libs/storage/layout.js';

import { type ListedFile } from '../../snapshot.js';

export interface FileVersionRow {
  repositoryId: number;
  path: string;
  addedIn: number;
  removedIn: number | null;
  sha256: string;
  size: number;
  mtime: number;
}

/** A file version stands in the lists of the sequences from `addedIn` up to, but not including, `removedIn`. */
export const fileVersionTable = new EntitySchema<FileVersionRow>({
  name: 'fileVersion',
  tableName: 'file_versions',
  columns: {
    repositoryId: { type: Number, name: 'repository_id', primary: true },
    path: { type: String, primary: true },
    addedIn: { type: Number, name: 'added_in', primary: true },
    removedIn: { type: Number, name: 'removed_in', nullable: true },
    sha256: { type: String },
    size: { type: Number },
    mtime: { type: Number },
  },
});

export const toListedFile = ({
  path,
  sha256,
  size,
  mtime,
}: Pick<FileVersionRow, 'path' | 'sha256' | 'size' | 'mtime'>): ListedFile => ({
  path,
  sha256: sha256 as Sha256,
  size,
  mtimeMs: mtime,
});

export const toFileVersionRow = (file: ListedFile, repositoryId: number, sequence: number): FileVersionRow => ({
  repositoryId,
  path: file.path,
  addedIn: sequence,
  removedIn: null,
  sha256: file.sha256,
  size: file.size,
  mtime: file.mtimeMs,
});
