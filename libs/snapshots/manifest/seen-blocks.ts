import { hash } from 'node:crypto';

import { type Block } from './block.js';

/** Blocks that several manifests share are looked at once, so that thirty daily snapshots cost little more than one. */
export class SeenBlocks {
  private readonly digests = new Set<string>();

  /** Those that did not come before. */
  *fresh(blocks: readonly Block[]): Generator<Block> {
    for (const block of blocks) {
      const digest = hash('sha256', block.bytes, 'base64');
      if (this.digests.has(digest)) continue;
      yield block;
      this.digests.add(digest); // not when it was refused: then it is so in the next manifest, too
    }
  }
}
