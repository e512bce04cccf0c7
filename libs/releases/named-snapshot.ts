import { AppError } from '#libs/kernel/errors.js';
import { asSnapshotId, printable } from '#libs/kernel/ids.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { stableSnapshot } from '#libs/snapshots/stable-snapshot.js';

import { nothingServed } from './release-errors.js';

/**
 * The snapshot that an operator means: by its id, or `served` for what clients get now, `newest` for the last one taken,
 * whatever its state.
 *
 * @throws AppError `SNAPSHOT_NOT_FOUND`, `NOTHING_SERVED`
 */
export function namedSnapshot(
  text: string,
  repository: Repository,
  snapshots: readonly Snapshot[],
  now: Date,
): Snapshot {
  const there = snapshots.filter(({ state }) => state !== 'removing');
  if (text === 'served') {
    const served = stableSnapshot(snapshots, repository, now);
    if (served === undefined) throw nothingServed(repository.name);
    return served.snapshot;
  }
  const id = asSnapshotId(text);
  const found = text === 'newest' ? there.at(-1) : there.find((snapshot) => snapshot.id === id);
  if (found !== undefined) return found;
  throw new AppError('not-found', 'SNAPSHOT_NOT_FOUND', `"${repository.name}" has no snapshot ${printable(text)}.`, {
    hint: 'repository:snapshots lists the snapshots there are; "served" and "newest" name two of them.',
  });
}
