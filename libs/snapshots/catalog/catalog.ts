import { type RepositoryName } from '#libs/kernel/ids.js';
import { token } from '#libs/kernel/provider.js';

import { type ListedFile } from '../snapshot.js';

/** The index of file versions: which file stood under which path in which snapshots. Immutable per (repository, sequence). */
export interface Catalog {
  /** The file under `path` in the snapshot of that sequence: one indexed look-up. */
  find(repository: RepositoryName, sequence: number, path: string): Promise<ListedFile | undefined>;

  /** Every file of a snapshot in byte order of path; with `folder` (no trailing slash) only what stands below it. */
  files(repository: RepositoryName, sequence: number, folder?: string): AsyncIterable<ListedFile>;

  /** The files in which the lists of two sequences differ, in byte order of path. */
  differences(repository: RepositoryName, from: number, to: number): AsyncIterable<FileDifference>;
}

/** A path with another content, or time, in one list than in another one. */
export interface FileDifference {
  readonly path: string;
  readonly before: ListedFile | undefined;
  readonly after: ListedFile | undefined;
}

export const CATALOG = token<Catalog>('Catalog');
