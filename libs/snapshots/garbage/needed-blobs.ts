import { hash } from 'node:crypto';

import { isAppError } from '#libs/kernel/errors.js';
import { asRepositoryName, asSnapshotId, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';
import { SNAPSHOTS, snapshotsOf } from '#libs/storage/layout.js';

import { unpackBlock, type Block } from '../manifest/block.js';
import { parseFiles } from '../manifest/manifest.js';
import { readManifest } from '../manifest/read-manifest.js';
import { HashSet } from './hash-set.js';

/**
 * The contents that any manifest on the disk lists, whatever the database says of it: the disk is the truth.
 *
 * A block that several manifests share is unpacked once, so that thirty daily snapshots cost little more than one.
 *
 * @throws AppError `MANIFEST_REFUSED` when one cannot be read: then nobody knows what it needs
 */
export async function neededBlobs(disk: Disk, signal: AbortSignal): Promise<HashSet> {
  const needed = new HashSet();
  const seenBlocks = new Set<string>();
  for await (const { repository, id } of snapshotFolders(disk)) {
    signal.throwIfAborted();
    for (const block of await blocksOf(disk, repository, id)) {
      const digest = hash('sha256', block.bytes, 'base64');
      if (seenBlocks.has(digest)) continue;
      seenBlocks.add(digest);
      for (const file of parseFiles(unpackBlock(block))) needed.add(file.sha256);
    }
  }
  return needed;
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
