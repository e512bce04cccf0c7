import { fstatSync, type BigIntStats } from 'node:fs';

import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type IngestedFile, type SourceFile } from '../../source/source.js';
import { Breaths } from './breaths.js';
import { CopyToBlobs } from './copy-to-blobs.js';
import { hashed } from './hash-file.js';
import { ingestFile, type Steps } from './ingest-file.js';
import { LocalBlobs } from './local-blobs.js';
import { toTheEnd, type MakeBlobs } from './make-blobs.js';

/**
 * Makes blobs of files that nobody writes any more: other names for the same bytes where the file system allows, copies
 * of the others. Never of a source, since sync tools write in place.
 */
export class LinkToBlobs implements MakeBlobs {
  private readonly copies: CopyToBlobs;

  /** @param root of the disk */
  constructor(
    private readonly root: string,
    private readonly clock: Clock = systemClock,
  ) {
    this.copies = new CopyToBlobs(root, clock);
  }

  async run(
    published: string,
    files: readonly SourceFile[],
    attempt: string,
    signal: AbortSignal,
  ): Promise<readonly IngestedFile[]> {
    const shared = await this.share(published, files, attempt, signal);
    const others = files.filter((_, at) => shared[at] === undefined);
    const copied = (await this.copies.run(published, others, attempt, signal)).values();
    return shared.map((file) => file ?? next(copied));
  }

  /** In the order asked; `undefined` for those that cannot be shared. */
  private async share(published: string, files: readonly SourceFile[], attempt: string, signal: AbortSignal) {
    const blobs = new LocalBlobs(this.root, attempt, this.clock);
    const breaths = new Breaths(signal);
    const shared: (IngestedFile | undefined)[] = [];
    try {
      for (const file of files) {
        shared.push(await this.sharedFile(published, file, blobs, breaths));
        if (blobs.full) await blobs.publish();
      }
      await blobs.publish();
      blobs.flushNames();
      return shared;
    } finally {
      blobs.discard();
    }
  }

  private async sharedFile(
    published: string,
    file: SourceFile,
    blobs: LocalBlobs,
    breaths: Breaths,
  ): Promise<IngestedFile | undefined> {
    let state: BigIntStats | undefined;
    function* look(source: number, expected: SourceFile): Steps<Sha256 | undefined> {
      state = fstatSync(source, { bigint: true });
      return yield* hashed(source, expected);
    }
    const ingested = await toTheEnd(
      ingestFile(published, file, look, () => this.clock.now()),
      breaths,
    );
    const { sha256, size, path } = ingested;
    const isBlob = blobs.reuse(sha256, size) || (state && blobs.share(`${published}/${path}`, state, sha256));
    return isBlob === true ? ingested : undefined;
  }
}

function next(files: Iterator<IngestedFile>): IngestedFile {
  const file = files.next();
  if (file.done === true) throw new Error('fewer files were copied than asked for');
  return file.value;
}
