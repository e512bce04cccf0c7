import { EntitySchema } from 'typeorm';

import { type PackageVersion } from '../../packages/package-catalog.js';

export interface PackageVersionRow {
  id: number;
  repositoryId: number;
  indexPath: string;
  name: string;
  version: string;
  arch: string;
  path: string | null;
  addedIn: number;
  removedIn: number | null;
}

/** A package version stands in the lists of the sequences from `addedIn` up to, but not including, `removedIn`. */
export const packageVersionTable = new EntitySchema<PackageVersionRow>({
  name: 'packageVersion',
  tableName: 'package_versions',
  columns: {
    id: { type: Number, primary: true, generated: true },
    repositoryId: { type: Number, name: 'repository_id' },
    indexPath: { type: String, name: 'index_path' },
    name: { type: String },
    version: { type: String },
    arch: { type: String },
    path: { type: String, nullable: true },
    addedIn: { type: Number, name: 'added_in' },
    removedIn: { type: Number, name: 'removed_in', nullable: true },
  },
});

export const toPackageVersion = (row: Omit<PackageVersionRow, 'repositoryId'>): PackageVersion => ({
  key: row.id,
  index: row.indexPath,
  name: row.name,
  version: row.version,
  arch: row.arch,
  path: row.path ?? undefined,
  addedIn: row.addedIn,
  removedIn: row.removedIn ?? undefined,
});
