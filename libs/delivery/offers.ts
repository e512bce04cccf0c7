import { type Edition } from '#libs/entitlement/edition.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';

import { type Soon } from './soon.js';

/** What a repository has for appliances now. */
export interface Offer {
  /** Never given twice, unlike the name. */
  readonly repositoryId: number;
  readonly repository: RepositoryName;
  readonly editions: readonly Edition[];
  /** `undefined` before the first snapshot. */
  readonly snapshot: Pick<Snapshot, 'id' | 'sequence'> | undefined;
}

/** What every repository offers now; what is in memory is answered without waiting. */
export interface Offers {
  /** `undefined` when there is no such repository. */
  of(repository: RepositoryName): Soon<Offer | undefined>;
}
