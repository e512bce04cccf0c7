import { createHash } from 'node:crypto';

import { isAppError } from '#libs/kernel/errors.js';
import { type Disk } from '#libs/storage/disk.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';

/** `unreadable`: the disk answers with errors; what is there may be right. */
export type BlobState = 'sound' | 'missing' | 'wrong' | 'unreadable';

/** Reads a blob to the end and compares it with what it should be. */
export async function checkBlob(
  disk: Disk,
  { sha256, size }: { readonly sha256: Sha256; readonly size: number },
  signal?: AbortSignal,
): Promise<BlobState> {
  try {
    const digest = createHash('sha256');
    let length = 0;
    for await (const chunk of await disk.read(blobKey(sha256))) {
      signal?.throwIfAborted();
      digest.update(chunk as Buffer);
      length += (chunk as Buffer).length;
    }
    return length === size && digest.digest('hex') === sha256 ? 'sound' : 'wrong';
  } catch (error) {
    signal?.throwIfAborted();
    if (isAppError(error, 'OBJECT_NOT_FOUND')) return 'missing';
    if (isAppError(error) && error.kind === 'unavailable') return 'unreadable';
    throw error;
  }
}
