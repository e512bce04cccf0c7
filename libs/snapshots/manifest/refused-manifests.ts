import { isAppError } from '#libs/kernel/errors.js';
import { type Disk } from '#libs/storage/disk.js';

import { type NewSnapshot } from '../snapshot.js';
import { unpackBlock } from './block.js';
import { parseFiles } from './manifest.js';
import { readManifest } from './read-manifest.js';
import { SeenBlocks } from './seen-blocks.js';

/** Reads manifests to their last line, to find those that cannot be read. Contents are not looked at. */
export class RefusedManifests {
  private readonly seen = new SeenBlocks();

  /** Why a snapshot's manifest is refused; `undefined` when it is not, or not there. */
  async reason(
    disk: Disk,
    { repository, id, manifestSha256 }: Pick<NewSnapshot, 'repository' | 'id' | 'manifestSha256'>,
  ): Promise<string | undefined> {
    try {
      const { sha256, blocks } = await readManifest(disk, repository, id);
      for (const block of this.seen.fresh(blocks)) parseFiles(unpackBlock(block));
      return sha256 === manifestSha256 ? undefined : 'The manifest is not the one that was published.';
    } catch (error) {
      if (isAppError(error, 'OBJECT_NOT_FOUND')) return undefined;
      if (isAppError(error, 'MANIFEST_REFUSED')) return error.message;
      throw error;
    }
  }
}
