import { token } from '#libs/kernel/provider.js';
import { type Sha256 } from '#libs/storage/layout.js';

/** Blobs that one collection found to be unneeded, for the next one to remove. */
export interface GarbageMarks {
  /** Those of `blobs` that are marked. */
  marked(blobs: readonly Sha256[]): Promise<ReadonlySet<Sha256>>;
  /** One that is marked already stays as it is. */
  mark(blobs: readonly Sha256[], at: Date): Promise<void>;
  /** Takes marks back; one that is not there is nothing to say about. */
  unmark(blobs: readonly Sha256[]): Promise<void>;
}

export const GARBAGE_MARKS = token<GarbageMarks>('GarbageMarks');
