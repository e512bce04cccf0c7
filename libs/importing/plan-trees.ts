import { asSnapshotId, instantOf, type SnapshotId } from '#libs/kernel/ids.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';

import { type Entry } from './original.js';

/** A directory that is to become a snapshot. */
export interface Tree {
  readonly directory: string;
  readonly id: SnapshotId;
}

export interface Judged {
  readonly directory: string;
  readonly because: string;
}

export interface TreesPlan {
  /** In order of time. */
  readonly adopt: readonly Tree[];
  readonly leave: readonly Judged[];
  /** Somebody has to look at these. */
  readonly refuse: readonly Judged[];
}

/**
 * Which directories become snapshots. Those taken before the newest snapshot that is here do not: snapshots count in the
 * order in which they are made, so that old files would come after new ones.
 *
 * @param frozen the directory that the repository is frozen to, whatever its name
 */
export function planTrees(
  entries: readonly Entry[],
  known: readonly Pick<Snapshot, 'id' | 'takenAt'>[],
  frozen: string | undefined,
): TreesPlan {
  const ids = new Set<string>(known.map(({ id }) => id));
  const newest = known.toSorted((a, b) => a.takenAt.getTime() - b.takenAt.getTime()).at(-1);
  const plan = { adopt: new Map<SnapshotId, Tree>(), leave: [] as Judged[], refuse: [] as Judged[] };
  for (const { name: directory, isFolder } of entries.filter(({ name }) => !ids.has(name))) {
    const id = asSnapshotId(directory);
    if (!isFolder) plan.refuse.push({ directory, because: 'it is no directory' });
    else if (id === undefined && directory !== frozen)
      plan.refuse.push({ directory, because: 'its name is no time; repository:freeze takes it from the disk by name' });
    else if (id === undefined) continue;
    else if (ids.has(id)) plan.leave.push({ directory, because: `it is snapshot ${id} already` });
    else if (newest && instantOf(id) <= newest.takenAt)
      plan.leave.push({ directory, because: `it is older than snapshot ${newest.id}, which is here` });
    else if (plan.adopt.has(id)) plan.refuse.push({ directory, because: 'another directory has the same time' });
    else plan.adopt.set(id, { directory, id });
  }
  const byTime = (a: Tree, b: Tree): number => (a.id < b.id ? -1 : 1);
  return { ...plan, adopt: [...plan.adopt.values()].toSorted(byTime) };
}
