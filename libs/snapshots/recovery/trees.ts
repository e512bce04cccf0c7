import { token } from '#libs/kernel/provider.js';
import { type KeyPrefix } from '#libs/storage/object-key.js';

import { type Source } from '../source/source.js';
import { type AdoptDirectory } from './adopt-directory.js';

/** Where trees stand that nobody writes any more, as the original Parceler keeps its snapshots: a folder for each repository. */
export interface TreesPlace {
  /** A folder of this machine. */
  readonly root: string;
  /** Below it. */
  readonly folder: KeyPrefix;
}

export interface Trees {
  readonly source: Pick<Source, 'walk'>;
  /** Makes snapshots of them, without a second copy of their files where the file system allows. */
  readonly adopt: Pick<AdoptDirectory, 'run'>;
}

export type OpenTrees = (place: TreesPlace) => Trees;

export const OPEN_TREES = token<OpenTrees>('OpenTrees');
