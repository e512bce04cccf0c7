import { createHash, hash } from 'node:crypto';

import { isAppError } from '#libs/kernel/errors.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Disk } from '#libs/storage/disk.js';
import { manifestKey, type Sha256 } from '#libs/storage/layout.js';

import { splitBlocks, storeBlock, unpackBlock, type Block } from './block.js';
import { manifestRefused, manifestRefusedOf } from './manifest-refused.js';
import {
  assertManifestSize,
  parseFiles,
  parseHeader,
  trailerLine,
  type ManifestFile,
  type ManifestHeader,
} from './manifest.js';

/** A manifest whose every byte was checked against its trailer. Blocks are unpacked one at a time, when asked for. */
export interface Manifest {
  readonly header: ManifestHeader;
  /** Of its bytes as they lie on the disk. */
  readonly sha256: Sha256;
  /** Blocks of file lines, in order. */
  readonly blocks: readonly Block[];
}

/**
 * Reads a snapshot's manifest.
 *
 * @throws AppError `OBJECT_NOT_FOUND`, `MANIFEST_REFUSED`
 */
export async function readManifest(disk: Disk, repository: RepositoryName, id: SnapshotId): Promise<Manifest> {
  try {
    const manifest = parseManifest(await bytesOf(disk, repository, id));
    if (manifest.header.repository === repository && manifest.header.id === id) return manifest;
    throw manifestRefused('it belongs to another snapshot');
  } catch (error) {
    throw isAppError(error, 'MANIFEST_REFUSED') ? manifestRefusedOf(repository, id, error) : error;
  }
}

/** As `readManifest`; `undefined` when it is missing, torn or was altered. Failures of the disk itself are thrown. */
export async function manifestIfSound(
  disk: Disk,
  repository: RepositoryName,
  id: SnapshotId,
): Promise<Manifest | undefined> {
  try {
    return await readManifest(disk, repository, id);
  } catch (error) {
    if (isAppError(error, 'OBJECT_NOT_FOUND') || isAppError(error, 'MANIFEST_REFUSED')) return undefined;
    throw error;
  }
}

/** @throws AppError `MANIFEST_REFUSED` */
export function parseManifest(bytes: Buffer): Manifest {
  const [first, ...rest] = splitBlocks(bytes);
  const trailer = rest.pop();
  if (first?.kind !== 'H' || trailer?.kind !== 'T' || rest.some(({ kind }) => kind !== 'F')) {
    throw manifestRefused('it does not have one header and one trailer');
  }
  const header = parseHeader(unpackBlock(first));
  const before = bytes.subarray(0, bytes.length - trailer.bytes.length);
  const line = trailerLine({ files: header.files, sha256: hash('sha256', before) as Sha256 });
  if (!storeBlock('T', line).bytes.equals(trailer.bytes)) throw manifestRefused('it is not what its trailer says');
  return { header, sha256: createHash('sha256').update(bytes).digest('hex') as Sha256, blocks: rest };
}

/** The files in byte order of path. @throws AppError `MANIFEST_REFUSED` */
export function* filesOf({ header, blocks }: Pick<Manifest, 'header' | 'blocks'>): Generator<ManifestFile> {
  let count = 0;
  for (const block of blocks) {
    const files = parseFiles(unpackBlock(block));
    count += files.length;
    yield* files;
  }
  if (count !== header.files) throw manifestRefused('it does not list as many files as it says');
}

async function bytesOf(disk: Disk, repository: RepositoryName, id: SnapshotId): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of await disk.read(manifestKey(repository, id))) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    assertManifestSize(size);
  }
  return Buffer.concat(chunks, size);
}
