import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Fence } from '#libs/persistence/lease.js';

import { type ListedFile, type Snapshot, type SnapshotState } from './snapshot.js';

/** What differs from the previous snapshot's list: enough to bring the catalog from one to the other. */
export interface CatalogChange {
  readonly path: string;
  /** The file as it is now, or `undefined` when the path is gone. */
  readonly file: ListedFile | undefined;
}

/** The database's index of the snapshots that stand on the disk. Every change leaves an audit record (trust I-30). */
export interface SnapshotStore {
  /** All snapshots of a repository in order of sequence, in every state. */
  list(repository: RepositoryName): Promise<readonly Snapshot[]>;
  find(repository: RepositoryName, id: SnapshotId): Promise<Snapshot | undefined>;
  /** The highest sequence ever given in that repository, 0 when none was: also after its snapshot was removed. */
  lastSequence(repository: RepositoryName): Promise<number>;

  /**
   * Makes a snapshot visible together with its catalog rows, in one transaction that first checks the fence.
   * `changes` are relative to the catalog at the previous sequence, and may come in any order.
   *
   * @throws AppError `LEASE_LOST`, `SNAPSHOT_EXISTS` (id or sequence taken)
   */
  publish(snapshot: Snapshot, changes: Iterable<CatalogChange>, fence: Fence, act: Act): Promise<void>;

  /**
   * Compare-and-set along `TRANSITIONS`. False when the snapshot is not (or no longer) in state `from`.
   *
   * @throws AppError `ILLEGAL_TRANSITION`, and `LEASE_LOST` when a fence is given
   */
  move(
    repository: RepositoryName,
    id: SnapshotId,
    from: SnapshotState,
    to: SnapshotState,
    act: Act,
    options?: { readonly fence?: Fence; readonly note?: string },
  ): Promise<boolean>;

  /** Drops the row of a snapshot in state `removing`, and the catalog rows that no snapshot needs any more. */
  forget(repository: RepositoryName, id: SnapshotId): Promise<void>;

  /** Drops everything of a repository that was marked deleted. */
  forgetAll(repository: RepositoryName): Promise<void>;
}

export const SNAPSHOT_STORE = Symbol('SnapshotStore');
