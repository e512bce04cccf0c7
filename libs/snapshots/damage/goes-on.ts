import { type SnapshotId } from '#libs/kernel/ids.js';

import { type Snapshot } from '../snapshot.js';

/**
 * Which of the damaged snapshots goes on being served all the same: an operator's word stands (trust I-11), and one file
 * less is better than none at all (trust I-04).
 *
 * @param complete in order of sequence, the damaged ones among them
 */
export function goesOn(
  complete: readonly Snapshot[],
  damaged: readonly Snapshot[],
  frozenTo: SnapshotId | undefined,
): SnapshotId | undefined {
  if (complete.some(({ id }) => id === frozenTo)) return damaged.find(({ id }) => id === frozenTo)?.id;
  return damaged.length === complete.length ? damaged.at(-1)?.id : undefined;
}
