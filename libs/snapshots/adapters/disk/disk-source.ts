import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { isAppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { mapAtOnce } from '#libs/kernel/map-at-once.js';
import { type Disk, type ObjectInfo } from '#libs/storage/disk.js';
import { type Sha256 } from '#libs/storage/layout.js';
import { asKey, keyPrefix, objectKey, type KeyPrefix, type ObjectKey } from '#libs/storage/object-key.js';

import { MAX_PATH_BYTES } from '../../manifest/manifest.js';
import { SentBlobs } from '../../source/sent-blobs.js';
import { type IngestedFile, type Source, type SourceFile } from '../../source/source.js';
import { sourceChanged, sourceRefused } from '../local/source-failure.js';
import { NameForms } from './name-forms.js';

const FILES_PER_BATCH = 1_000;
const FILES_AT_ONCE = 8;

/** Folders of repositories on any disk, of which we see no more than its objects: there are no links, devices or pipes. */
export class DiskSource implements Source {
  /** @param home where the folders of a repository stand */
  constructor(
    private readonly disk: Disk,
    private readonly home: (repository: RepositoryName) => KeyPrefix,
    private readonly clock: Clock = systemClock,
  ) {}

  async *walk(repository: RepositoryName, folder: string | undefined): AsyncGenerator<readonly SourceFile[]> {
    const prefix = this.published(repository, folder);
    const names = new NameForms();
    let batch: SourceFile[] = [];
    for await (const info of this.disk.list(prefix)) {
      const path = info.key.slice(prefix.length);
      if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw sourceRefused(path, 'has a path that is too long');
      names.add(path);
      batch.push(fileOf(path, info));
      if (batch.length < FILES_PER_BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  ingest(
    repository: RepositoryName,
    folder: string | undefined,
    files: readonly SourceFile[],
    _attempt: string,
    signal: AbortSignal,
  ): Promise<readonly IngestedFile[]> {
    const prefix = this.published(repository, folder);
    const blobs = new SentBlobs(this.disk, this.clock);
    return mapAtOnce(files, FILES_AT_ONCE, async (file) => {
      signal.throwIfAborted();
      const key = objectKey(asKey(prefix), file.path);
      const sha256 = await this.hashOf(key, file, signal);
      await blobs.keep(sha256, file.size, () => this.readAgain(key, file, sha256));
      return { ...file, sha256 };
    });
  }

  private async hashOf(key: ObjectKey, file: SourceFile, signal: AbortSignal): Promise<Sha256> {
    const digest = createHash('sha256');
    let size = 0;
    for await (const chunk of this.bytesOf(key, file)) {
      signal.throwIfAborted();
      digest.update(chunk);
      size += chunk.length;
    }
    if (size !== file.size) throw sourceChanged(file.path);
    return digest.digest('hex') as Sha256;
  }

  /** Fails before its end when these are not the bytes that were hashed: then nothing is stored under that hash. */
  private readAgain(key: ObjectKey, file: SourceFile, sha256: Sha256): Readable {
    const checked = async function* (bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      const digest = createHash('sha256');
      for await (const chunk of bytes) {
        digest.update(chunk);
        yield chunk;
      }
      if (digest.digest('hex') !== sha256) throw sourceChanged(file.path);
    };
    return Readable.from(checked(this.bytesOf(key, file)), { objectMode: false });
  }

  private async *bytesOf(key: ObjectKey, { path }: SourceFile): AsyncGenerator<Buffer> {
    try {
      yield* (await this.disk.read(key)) as AsyncIterable<Buffer>;
    } catch (error) {
      throw isAppError(error, 'OBJECT_NOT_FOUND') ? sourceChanged(path, error) : error;
    }
  }

  private published(repository: RepositoryName, folder: string | undefined): KeyPrefix {
    const home = this.home(repository);
    return folder === undefined ? home : keyPrefix(asKey(home), folder);
  }
}

const fileOf = (path: string, { size, modifiedAt, tag = '' }: ObjectInfo): SourceFile => ({
  path,
  size,
  mtimeMs: modifiedAt.getTime(),
  signature: `${tag} ${size.toString(36)} ${modifiedAt.getTime().toString(36)}`,
});
