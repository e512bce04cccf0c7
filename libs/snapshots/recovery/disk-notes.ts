import { type RepositoryName } from '#libs/kernel/ids.js';
import { mapAtOnce } from '#libs/kernel/map-at-once.js';
import { type Disk } from '#libs/storage/disk.js';
import { manifestKey, notedKey, notesOf } from '#libs/storage/layout.js';
import { type ObjectKey } from '#libs/storage/object-key.js';

import { type Snapshot } from '../snapshot.js';

/*
 * A disk keeps an empty object for each snapshot that it has had. Where a manifest is missing, this tells that somebody
 * removed it. A disk without it never had the snapshot: it is older than the database, or an older copy (trust T-39). It
 * stays when the snapshot goes, since an older database may be put back that still has the snapshot.
 */

/** Of a disk that is far away each takes its time. */
const LOOKS_AT_ONCE = 16;

type Named = Pick<Snapshot, 'repository' | 'id'>;

export interface ComparedWithDisk {
  /** Their manifests are there. */
  readonly there: readonly Snapshot[];
  /** Their manifests were removed here. */
  readonly removed: readonly Snapshot[];
  /** This disk never had them. */
  readonly neverHere: readonly Snapshot[];
}

/** What became of the manifests of these snapshots. Changes nothing. */
export async function compareWithDisk(disk: Disk, snapshots: readonly Snapshot[]): Promise<ComparedWithDisk> {
  const manifestOf = ({ repository, id }: Named) => manifestKey(repository, id);
  const [there, missing] = await parted(disk, snapshots, manifestOf);
  const [noted, neverHere] = await parted(disk, missing, noteOf);
  // Asked again after the notes, which may be those of a disk that was mounted just now.
  const [, removed] = await parted(disk, noted, manifestOf);
  return { there, removed, neverHere };
}

/** For snapshots whose manifests are there. */
export async function noteSnapshots(disk: Disk, snapshots: readonly Named[]): Promise<void> {
  const [, missing] = await parted(disk, snapshots, noteOf);
  for (const snapshot of missing) await disk.writeIfAbsent(noteOf(snapshot), Buffer.alloc(0));
}

/** Drops notes that were made before that time, of snapshots that are not among these. */
export async function dropOldNotes(
  disk: Disk,
  repository: RepositoryName,
  snapshots: readonly Named[],
  before: Date,
): Promise<void> {
  const known = new Set(snapshots.map(noteOf));
  for await (const { key, modifiedAt } of disk.list(notesOf(repository))) {
    if (modifiedAt < before && !known.has(key)) await disk.remove(key);
  }
}

const noteOf = ({ repository, id }: Named): ObjectKey => notedKey(repository, id);

/** Those that have such an object, and those that have not. */
async function parted<S extends Named>(
  disk: Disk,
  snapshots: readonly S[],
  keyOf: (snapshot: S) => ObjectKey,
): Promise<readonly [there: readonly S[], missing: readonly S[]]> {
  const found = await mapAtOnce(snapshots, LOOKS_AT_ONCE, (snapshot) => disk.stat(keyOf(snapshot)));
  const isThere = (_: S, index: number): boolean => found[index] !== undefined;
  return [snapshots.filter(isThere), snapshots.filter((_, index) => found[index] === undefined)];
}
