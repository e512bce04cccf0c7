import { Readable } from 'node:stream';

import { type S3Settings } from '#libs/config/config.js';
import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { before, DAY, HOUR } from '#libs/kernel/duration.js';
import { AppError } from '#libs/kernel/errors.js';

import { type ByteRange, type Disk, type ObjectInfo, type TemporaryUrlTerms } from '../../disk.js';
import { type KeyPrefix, type ObjectKey } from '../../object-key.js';
import { presignedUrl } from './presigned-url.js';
import { type S3Bucket } from './s3-bucket.js';
import { copyS3Object } from './s3-copy.js';
import { isMissing, s3Failure } from './s3-failure.js';
import { listS3Folders, listS3Objects } from './s3-list.js';
import { sweepUploads } from './s3-multipart.js';
import { readS3Object } from './s3-read.js';
import { removeS3Object, removeS3Objects } from './s3-remove.js';
import { headOf, writeS3Object } from './s3-write.js';

/**
 * Objects of a bucket, for any number of processes and machines at once. `openS3Disk` is the way to one.
 *
 * There are no folders, nothing has two names, and nothing is moved; a key may stand above others.
 */
export class S3Disk implements Disk {
  readonly moveAll = undefined;

  private sweepAfter = 0;

  constructor(
    readonly bucket: S3Bucket,
    private readonly settings: S3Settings,
    private readonly clock: Clock = systemClock,
  ) {}

  read(key: ObjectKey, range?: ByteRange): Promise<Readable> {
    return readS3Object(this.bucket, key, range);
  }

  async write(key: ObjectKey, body: Readable | Uint8Array): Promise<void> {
    await this.store(key, body, false);
  }

  writeIfAbsent(key: ObjectKey, body: Readable | Uint8Array): Promise<boolean> {
    return this.store(key, body, true);
  }

  async stat(key: ObjectKey): Promise<ObjectInfo | undefined> {
    const head = await headOf(this.bucket, key);
    if (head === undefined) return undefined;
    return { key, size: head.ContentLength ?? 0, modifiedAt: head.LastModified ?? new Date(0), tag: head.ETag };
  }

  async *list(prefix: KeyPrefix): AsyncGenerator<ObjectInfo> {
    for await (const page of listS3Objects(this.bucket, prefix)) yield* page;
  }

  async *folders(prefix: KeyPrefix): AsyncGenerator<string> {
    yield* await listS3Folders(this.bucket, prefix);
  }

  remove(key: ObjectKey): Promise<void> {
    return this.orFailure(`remove "${key}"`, removeS3Object(this.bucket, key));
  }

  async removeAll(prefix: KeyPrefix): Promise<void> {
    if (prefix === '') throw new AppError('invalid', 'INVALID_OBJECT_KEY', 'The whole disk cannot be removed.');
    for await (const page of listS3Objects(this.bucket, prefix)) {
      const keys = page.map(({ key }) => key);
      await this.orFailure(`remove all below "${prefix}"`, removeS3Objects(this.bucket, keys));
    }
  }

  async removeEmpty(): Promise<void> {
    // there are no folders
  }

  async touch(key: ObjectKey): Promise<boolean> {
    const head = await headOf(this.bucket, key);
    if (head === undefined) return false;
    try {
      await copyS3Object(this.bucket, { from: key, to: key, size: head.ContentLength ?? 0 });
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw s3Failure(error, `touch "${key}"`, this.bucket.name);
    }
  }

  temporaryUrl(key: ObjectKey, { expiresAt, contentType, contentDisposition }: TemporaryUrlTerms): URL {
    const disposition = contentDisposition === undefined ? {} : { 'response-content-disposition': contentDisposition };
    const query = { 'response-content-type': contentType, ...disposition };
    return presignedUrl(this.settings, { key, query, expiresAt }, this.clock.now());
  }

  localPath(): undefined {
    return undefined;
  }

  async freeBytes(): Promise<undefined> {
    return undefined;
  }

  private async store(key: ObjectKey, body: Readable | Uint8Array, ifAbsent: boolean): Promise<boolean> {
    // A body that fails before somebody reads it would end the process.
    if (body instanceof Readable) body.on('error', () => undefined);
    const now = this.clock.now();
    if (now.getTime() >= this.sweepAfter) {
      this.sweepAfter = now.getTime() + HOUR;
      await sweepUploads(this.bucket, before(now, DAY)).catch(() => undefined); // another time
    }
    return writeS3Object({ bucket: this.bucket, key, ifAbsent }, body);
  }

  private async orFailure(what: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      throw s3Failure(error, what, this.bucket.name);
    }
  }
}
