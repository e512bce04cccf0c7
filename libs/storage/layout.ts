import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';

import { keyPrefix, objectKey, type KeyPrefix, type ObjectKey } from './object-key.js';

/*
 * Every path on a disk, drawn once:
 *
 *   .parceler-disk                                  says that this is our disk; without it nothing is believed missing
 *   source/<repository>/…                           written only by the sync command; clients never see it
 *   blobs/<first two hex>/<sha256>                  immutable, each content once, shared by all repositories
 *   snapshots/<repository>/<id>/manifest.jsonl.gz   immutable; its presence is the snapshot
 *   snapshots/<repository>/.noted/<id>              this disk has had the snapshot: only then can it have been removed
 *   staging/<attempt>/…                             private to one attempt, swept when it died
 *   source/.removed-<id>/…, snapshots/.removed-<id>/…   of a deleted repository, on their way out
 *   .drafts/…                                       what the driver is writing just now; no key leads there
 */

const SHA256 = /^[0-9a-f]{64}$/;

/** Lower-case hexadecimal SHA-256 of a content. */
export type Sha256 = string & { readonly __brand: 'Sha256' };

export const isSha256 = (text: string): text is Sha256 => SHA256.test(text);

export const MANIFEST_NAME = 'manifest.jsonl.gz';

export const DISK_MARKER: ObjectKey = objectKey('.parceler-disk');
export const SOURCES: KeyPrefix = keyPrefix('source');
export const BLOBS: KeyPrefix = keyPrefix('blobs');
export const SNAPSHOTS: KeyPrefix = keyPrefix('snapshots');
export const STAGING: KeyPrefix = keyPrefix('staging');

export const sourceOf = (repository: RepositoryName): KeyPrefix => keyPrefix('source', repository);
export const snapshotsOf = (repository: RepositoryName): KeyPrefix => keyPrefix('snapshots', repository);
/** Where a repository's content goes when it is removed: named by its id, which nobody has after it. */
export const removedSourceOf = (repositoryId: number): KeyPrefix => keyPrefix('source', removed(repositoryId));
export const removedSnapshotsOf = (repositoryId: number): KeyPrefix => keyPrefix('snapshots', removed(repositoryId));
// No repository's name begins with a dot.
const removed = (repositoryId: number): string => `.removed-${String(repositoryId)}`;
export const snapshotFolder = (repository: RepositoryName, id: SnapshotId): KeyPrefix =>
  keyPrefix('snapshots', repository, id);
export const manifestKey = (repository: RepositoryName, id: SnapshotId): ObjectKey =>
  objectKey('snapshots', repository, id, MANIFEST_NAME);
export const notesOf = (repository: RepositoryName): KeyPrefix => keyPrefix('snapshots', repository, '.noted');
export const notedKey = (repository: RepositoryName, id: SnapshotId): ObjectKey =>
  objectKey('snapshots', repository, '.noted', id);
export const blobKey = (hash: Sha256): ObjectKey => objectKey('blobs', hash.slice(0, 2), hash);
export const stagingOf = (attempt: string): KeyPrefix => keyPrefix('staging', attempt);
