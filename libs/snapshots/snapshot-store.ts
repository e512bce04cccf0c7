import { type Act } from '#libs/kernel/actor.js';
import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { token } from '#libs/kernel/provider.js';
import { type Fence } from '#libs/persistence/lease.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type Milestone } from './milestone.js';
import { TRANSITIONS, type ListedFile, type NewSnapshot, type Snapshot, type SnapshotState } from './snapshot.js';

/** What differs from the list published last: enough to bring the catalog from one to the other. */
export interface CatalogChange {
  readonly path: string;
  /** The file as it is now, or `undefined` when the path is gone. */
  readonly file: ListedFile | undefined;
}

/** What was done to a snapshot that is still there. */
export interface StateChange {
  readonly at: Date;
  readonly snapshot: SnapshotId;
  /** The state that it left; `undefined` when it was published. */
  readonly before: SnapshotState | undefined;
}

/**
 * What the records say of a manifest that is on the disk and no snapshot: `unpublished`: it never was one · `removed`: it
 * was removed on purpose · `vanished`: it had been gone from the disk, and was in that state before.
 */
export type Past =
  | { readonly kind: 'unpublished' | 'removed' }
  | { readonly kind: 'vanished'; readonly state: SnapshotState; readonly since: Date };

export interface JoinedAct extends Act {
  /** Becomes true in the same transaction, once the snapshot is there. If it fails there is none. */
  readonly together?: (() => Promise<void>) | undefined;
}

export interface PublishingAct extends JoinedAct {
  readonly fence: Fence;
  /** The run that made the snapshot. */
  readonly run?: number | undefined;
  /** Since when it has its state, of one that was published before and is only indexed anew: no record is made then. */
  readonly since?: Date | undefined;
}

export interface MovingAct extends Act {
  /** Why the snapshot is held or damaged, in a sentence. */
  readonly note?: string | undefined;
  /** That its manifest is gone from the disk already: then no freeze can keep it. */
  readonly gone?: boolean | undefined;
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
   *
   * `changes` are relative to the catalog at `lastSequence` (nothing when that is 0), and may come in any order, each
   * path once; they are gone through more than once. The catalog keeps that list readable even when the snapshot itself has been removed since, so that a
   * deletion beside a running sync cannot pull the ground from under it.
   *
   * @throws AppError `LEASE_LOST`, `REPOSITORY_NOT_FOUND`, `SNAPSHOT_EXISTS` (the id is taken, or the sequence is not
   * above `lastSequence`), `CATALOG_MISMATCH` (the changes do not lead to as many files as the snapshot says)
   */
  publish(snapshot: NewSnapshot, changes: Iterable<CatalogChange>, act: PublishingAct): Promise<void>;

  /**
   * A milestone release: every complete snapshot before it becomes superseded, but for one that the repository is frozen
   * to. Answers which.
   */
  supersedeBefore(repository: RepositoryName, milestone: Milestone, act: Act): Promise<readonly SnapshotId[]>;
  lastMilestone(repository: RepositoryName): Promise<Milestone | undefined>;

  /**
   * Drops every snapshot and catalog row of a repository, and lets `publishAll` publish what there is, from sequence 1 on
   * if it likes; all in one transaction. Sequences that were given before are not given again.
   *
   * @throws AppError `LEASE_LOST`, `REPOSITORY_NOT_FOUND`, and what `publishAll` throws
   */
  rebuild(repository: RepositoryName, fence: Fence, act: Act, publishAll: () => Promise<void>): Promise<void>;

  /** What became of the manifest with these bytes, when there is no snapshot of that id now. */
  pastOf(repository: RepositoryName, id: SnapshotId, manifestSha256: Sha256): Promise<Past>;

  /**
   * Makes a snapshot visible again that had vanished, in the place that it had. `changes` are relative to what the
   * catalog still has of its list. False when its id or its place is another one's.
   *
   * @throws AppError `LEASE_LOST`, `REPOSITORY_NOT_FOUND`, `CATALOG_MISMATCH`
   */
  readmit(snapshot: NewSnapshot, changes: Iterable<CatalogChange>, fence: Fence, act: JoinedAct): Promise<boolean>;

  /**
   * Compare-and-set along `TRANSITIONS`. False when the snapshot is not (or no longer) in state `from`; and on the way to
   * one of `ENDS_SERVICE`, when the repository is frozen to it at that instant, in the same transaction: whoever decided
   * before the freeze comes too late (trust I-05, I-11).
   *
   * The note becomes the one given; without one the old note goes, since it spoke of the old state.
   *
   * @throws AppError `ILLEGAL_TRANSITION`
   */
  move(
    repository: RepositoryName,
    id: SnapshotId,
    from: SnapshotState,
    to: SnapshotState,
    act: MovingAct,
  ): Promise<boolean>;

  /** What was done to the repository's snapshots at that time or later, the latest first. */
  stateChanges(repository: RepositoryName, since: Date): Promise<readonly StateChange[]>;

  /**
   * Drops the row of a snapshot in state `removing`, and the catalog rows that no snapshot needs any more. A snapshot in
   * another state, or none, is left as it is. The audit record of the deletion was made by `move`.
   */
  forget(repository: RepositoryName, id: SnapshotId): Promise<void>;

  /**
   * Drops every snapshot and catalog row of a repository that is being removed; its sequence goes on.
   *
   * @throws AppError `LEASE_LOST`
   */
  forgetAll(repository: Pick<Repository, 'id' | 'name'>, fence: Fence): Promise<void>;
}

export const SNAPSHOT_STORE = token<SnapshotStore>('SnapshotStore');

/** What somebody decides on, and a freeze forbids. That content of it is damaged is a fact, freeze or not. */
export const ENDS_SERVICE: ReadonlySet<SnapshotState> = new Set(['removing', 'superseded']);

/** @throws AppError `ILLEGAL_TRANSITION` */
export function assertTransition(id: SnapshotId, from: SnapshotState, to: SnapshotState): void {
  if (TRANSITIONS[from].includes(to)) return;
  throw new AppError('internal', 'ILLEGAL_TRANSITION', `Snapshot ${id} must not go from ${from} to ${to}.`, {
    hint: 'This is a defect; nothing was changed.',
  });
}

export const snapshotExists = ({ repository, id, sequence }: NewSnapshot): AppError =>
  new AppError(
    'conflict',
    'SNAPSHOT_EXISTS',
    `"${repository}" has a snapshot ${id} or one of sequence ${String(sequence)} or later.`,
    {
      hint: 'Another attempt was faster; the next sync takes a snapshot of its own.',
    },
  );

export const catalogMismatch = ({ repository, id, files }: NewSnapshot, counted: number): AppError =>
  new AppError(
    'internal',
    'CATALOG_MISMATCH',
    `Snapshot ${id} of "${repository}" lists ${String(files)} files, but its changes lead to ${String(counted)}.`,
    {
      hint: 'Nothing was published. This is a defect, or the catalog was altered by hand: put a backup of the database back.',
    },
  );
