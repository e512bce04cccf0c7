import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';

import { mapAtOnce } from '#libs/kernel/map-at-once.js';
import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { type Disk } from '#libs/storage/disk.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { SentBlobs } from '../../source/sent-blobs.js';
import { type IngestedFile, type SourceFile } from '../../source/source.js';
import { Breaths } from './breaths.js';
import { hashed } from './hash-file.js';
import { CHUNK_BYTES, ingestFile, nextChunk, type Steps } from './ingest-file.js';
import { toTheEnd, type MakeBlobs } from './make-blobs.js';
import { sourceFailure } from './source-failure.js';

/** Each may hold a few megabytes in memory. */
const FILES_AT_ONCE = 16;

/** Sends files to a disk that is not of this machine: each is read for its hash, and sent when that content is not there. */
export class SendToBlobs implements MakeBlobs {
  constructor(
    private readonly disk: Disk,
    private readonly clock: Clock = systemClock,
  ) {}

  run(
    published: string,
    files: readonly SourceFile[],
    _attempt: string,
    signal: AbortSignal,
  ): Promise<readonly IngestedFile[]> {
    const blobs = new SentBlobs(this.disk, this.clock);
    const send = (source: number, file: SourceFile) => sent(source, file, blobs);
    return mapAtOnce(files, FILES_AT_ONCE, (file) => {
      signal.throwIfAborted();
      return toTheEnd(
        ingestFile(published, file, send, () => this.clock.now()),
        new Breaths(signal),
      );
    });
  }
}

function* sent(source: number, file: SourceFile, blobs: SentBlobs): Steps<Sha256 | undefined> {
  const small = file.size <= CHUNK_BYTES ? Buffer.from(nextChunk(source, file, file.size)) : undefined;
  const sha256 = small === undefined ? yield* hashed(source, file) : (hash('sha256', small) as Sha256);
  if (sha256 === undefined || (small !== undefined && small.length !== file.size)) return undefined;
  const seen = { stoodStill: true };
  const body = () => small ?? Readable.from(readAgain(source, file, sha256), { objectMode: false });
  yield blobs.keep(sha256, file.size, body).catch((error: unknown) => {
    if (!(error instanceof OtherBytes)) throw error;
    seen.stoodStill = false;
  });
  return seen.stoodStill ? sha256 : undefined;
}

/** Fails before its end when these are not the bytes that were hashed: then nothing is stored under that hash. */
async function* readAgain(fd: number, { path, size }: SourceFile, sha256: Sha256): AsyncGenerator<Buffer> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of createReadStream('', { fd, start: 0, end: size - 1, autoClose: false })) {
      digest.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw sourceFailure(error, path);
  }
  if (digest.digest('hex') !== sha256) throw new OtherBytes(`"${path}" changed`);
}

class OtherBytes extends Error {}
