import { isAppError } from '#libs/kernel/errors.js';
import { asRepositoryName, asSnapshotId, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';
import { SNAPSHOTS, snapshotsOf, type Sha256 } from '#libs/storage/layout.js';

import { unpackBlock, type Block } from '../manifest/block.js';
import { parseFiles } from '../manifest/manifest.js';
import { readManifest } from '../manifest/read-manifest.js';
import { SeenBlocks } from '../manifest/seen-blocks.js';
import { type SnapshotIndex } from '../snapshot-index.js';
import { HashSet } from './hash-set.js';

/** A snapshot whose manifest cannot be read. */
export interface Unreadable {
  readonly repository: RepositoryName;
  readonly id: SnapshotId;
  readonly because: string;
}

export interface NeededBlobs {
  readonly needed: HashSet;
  /** What these need is needed all the same. */
  readonly unreadable: readonly Unreadable[];
}

/**
 * The contents that any manifest on the disk lists, whatever the database says of it: the disk is the truth. Only where
 * one is torn does the catalog tell what it listed.
 *
 * @throws AppError `MANIFEST_REFUSED` when one is torn that is no snapshot: then nobody knows what it needs
 */
export async function neededBlobs(disk: Disk, index: SnapshotIndex, signal: AbortSignal): Promise<NeededBlobs> {
  const needed = new HashSet();
  const unreadable: Unreadable[] = [];
  const seen = new SeenBlocks();
  for await (const { repository, id } of snapshotFolders(disk)) {
    signal.throwIfAborted();
    try {
      for (const block of seen.fresh(await blocksOf(disk, repository, id))) addHashes(block, needed);
    } catch (error) {
      if (!isAppError(error, 'MANIFEST_REFUSED')) throw error;
      for await (const sha256 of hashesOfCatalog(index, repository, id, error)) needed.add(sha256);
      unreadable.push({ repository, id, because: error.message });
    }
  }
  return { needed, unreadable };
}

/** @throws AppError `MANIFEST_REFUSED` when the block cannot be unpacked */
function addHashes(block: Block, needed: HashSet): void {
  const text = unpackBlock(block);
  for (const sha256 of listedIn(text)) needed.add(sha256);
}

/** Of lines that are whole, but that we do not understand, everything that could be a hash. */
function listedIn(text: string): readonly Sha256[] {
  try {
    return parseFiles(text).map(({ sha256 }) => sha256);
  } catch (error) {
    if (!isAppError(error, 'MANIFEST_REFUSED')) throw error;
    return [...text.matchAll(/[0-9a-f]{64}/g)].map(([sha256]) => sha256 as Sha256);
  }
}

async function* hashesOfCatalog(
  { snapshots, catalog }: SnapshotIndex,
  repository: RepositoryName,
  id: SnapshotId,
  refused: Error,
): AsyncGenerator<Sha256> {
  const snapshot = await snapshots.find(repository, id);
  if (snapshot === undefined) throw refused;
  for await (const { sha256 } of catalog.files(repository, snapshot.sequence)) yield sha256;
}

async function* snapshotFolders(disk: Disk) {
  for await (const folder of disk.folders(SNAPSHOTS)) {
    const repository = asRepositoryName(folder);
    if (repository === undefined) continue;
    for await (const name of disk.folders(snapshotsOf(repository))) {
      const id = asSnapshotId(name);
      if (id === name) yield { repository, id };
    }
  }
}

/** None where there is no manifest (any more): a folder made by hand, or a snapshot that is just being deleted. */
async function blocksOf(disk: Disk, repository: RepositoryName, id: SnapshotId): Promise<readonly Block[]> {
  try {
    return (await readManifest(disk, repository, id)).blocks;
  } catch (error) {
    if (isAppError(error, 'OBJECT_NOT_FOUND')) return [];
    throw error;
  }
}
