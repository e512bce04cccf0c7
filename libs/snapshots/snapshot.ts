import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Sha256 } from '#libs/storage/layout.js';

/**
 * `complete`: may be served · `held`: failed a check, waits for an operator · `superseded`: replaced by a milestone
 * release · `damaged`: content of it is missing or wrong · `removing`: deleted, its manifest may still be there.
 */
export type SnapshotState = 'complete' | 'held' | 'superseded' | 'damaged' | 'removing';

/** What a snapshot changed against the one before it, in files. */
export interface ChangeCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** A snapshot as it is published. */
export interface NewSnapshot {
  readonly repository: RepositoryName;
  readonly id: SnapshotId;
  /** Grows with each snapshot of its repository, and is the only order between them. */
  readonly sequence: number;
  readonly state: SnapshotState;
  readonly takenAt: Date;
  readonly files: number;
  readonly bytes: number;
  readonly changes: ChangeCounts;
  /** Of the manifest's bytes as they lie on the disk: the seal that it never changed (trust I-03). */
  readonly manifestSha256: Sha256;
  /** Why it is held or damaged, in a sentence. */
  readonly note: string | undefined;
}

export interface Snapshot extends NewSnapshot {
  /** The run that made it, when one did and it was not found again on the disk since. */
  readonly run: number | undefined;
  /** When it came into its state: a superseded one is kept for a while from then on. */
  readonly stateSince: Date;
}

/** One file as a snapshot lists it. */
export interface ListedFile {
  /** Relative to the published folder, segments joined by `/`. */
  readonly path: string;
  readonly sha256: Sha256;
  readonly size: number;
  /** Milliseconds since 1970, UTC. */
  readonly mtimeMs: number;
}

/** States may only change along these arrows; everything else is a defect (trust 2.1). */
export const TRANSITIONS: Readonly<Record<SnapshotState, readonly SnapshotState[]>> = {
  held: ['complete', 'removing'],
  complete: ['superseded', 'damaged', 'removing'],
  superseded: ['complete', 'damaged', 'removing'],
  damaged: ['complete', 'superseded', 'removing'],
  removing: [],
};
