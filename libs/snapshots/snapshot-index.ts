import { type Catalog } from './catalog/catalog.js';
import { type SnapshotStore } from './snapshot-store.js';

/** The database's side of snapshots. */
export interface SnapshotIndex {
  readonly snapshots: SnapshotStore;
  readonly catalog: Catalog;
}
