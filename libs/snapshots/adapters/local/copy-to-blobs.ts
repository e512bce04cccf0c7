import { createHash, hash } from 'node:crypto';

import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type IngestedFile, type SourceFile } from '../../source/source.js';
import { Breaths } from './breaths.js';
import { CHUNK_BYTES, ingestFile, nextChunk, type Steps } from './ingest-file.js';
import { LocalBlobs } from './local-blobs.js';
import { toTheEnd, type MakeBlobs } from './make-blobs.js';

/** Copies files into blobs on a local disk. */
export class CopyToBlobs implements MakeBlobs {
  /** @param root of the disk */
  constructor(
    private readonly root: string,
    private readonly clock: Clock = systemClock,
  ) {}

  async run(
    published: string,
    files: readonly SourceFile[],
    attempt: string,
    signal: AbortSignal,
  ): Promise<readonly IngestedFile[]> {
    const blobs = new LocalBlobs(this.root, attempt, this.clock);
    const breaths = new Breaths(signal);
    const ingested: IngestedFile[] = [];
    const copy = (source: number, file: SourceFile) => copied(source, file, blobs);
    try {
      for (const file of files) {
        ingested.push(
          await toTheEnd(
            ingestFile(published, file, copy, () => this.clock.now()),
            breaths,
          ),
        );
        if (blobs.full) await blobs.publish();
      }
      await blobs.publish();
      blobs.flushNames();
      return ingested;
    } finally {
      blobs.discard();
    }
  }
}

/** `undefined` when there were fewer bytes than the file should have. More of them show in its size afterwards. */
function* copied(source: number, file: SourceFile, blobs: LocalBlobs): Steps<Sha256 | undefined> {
  if (file.size > CHUNK_BYTES) return yield* copiedInChunks(source, file, blobs);
  const bytes = nextChunk(source, file, file.size);
  if (bytes.length !== file.size) return undefined;
  const sha256 = hash('sha256', bytes) as Sha256;
  if (!blobs.reuse(sha256, file.size)) blobs.put(sha256, bytes);
  yield;
  return sha256;
}

function* copiedInChunks(source: number, file: SourceFile, blobs: LocalBlobs): Steps<Sha256 | undefined> {
  const draft = blobs.draft();
  let accepted = false;
  try {
    const digest = createHash('sha256');
    for (let copied = 0; copied < file.size;) {
      const bytes = nextChunk(source, file, file.size - copied);
      if (bytes.length === 0) return undefined;
      copied += bytes.length;
      digest.update(bytes);
      draft.write(bytes);
      yield;
    }
    const sha256 = digest.digest('hex') as Sha256;
    accepted = !blobs.reuse(sha256, file.size);
    if (accepted) blobs.accept(draft, sha256);
    return sha256;
  } finally {
    if (!accepted) draft.discard();
  }
}
