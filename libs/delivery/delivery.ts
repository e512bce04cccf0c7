import { type RepositoryName } from '#libs/kernel/ids.js';
import { type ListedFile, type Snapshot } from '#libs/snapshots/snapshot.js';
import { type ObjectKey } from '#libs/storage/object-key.js';

/** What to send, decided; how it leaves the process is the edge's business. */
export interface Delivery {
  readonly repository: RepositoryName;
  readonly snapshot: Pick<Snapshot, 'id' | 'sequence'>;
  readonly file: ListedFile;
  readonly blob: ObjectKey;
  readonly contentType: string;
}
