import { createHash, hash } from 'node:crypto';

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';

import { type ObjectKey } from '../../object-key.js';
import { type S3Bucket } from './s3-bucket.js';
import { conditionally, type S3Condition } from './s3-condition.js';
import { S3Error } from './s3-failure.js';

/** All parts of an upload are of this size but the last; ten thousand of them, 80 GB, is what S3 takes. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Of one object; each is held in memory. */
const PARTS_AT_ONCE = 2;

/** What was sent, as it should be found again. */
export interface Sent {
  readonly size: number;
  /** What S3 makes of the MD5 of what was sent. */
  readonly etag: string;
  /** What the server answered, if that did not get lost. */
  readonly answered: string | undefined;
}

export interface Upload {
  readonly key: ObjectKey;
  readonly metadata: Record<string, string>;
  readonly condition: S3Condition;
}

/** Writes an object too large for one request. When that fails, nothing of it is left. Errors of the body come back as they are. */
export async function uploadInParts(bucket: S3Bucket, upload: Upload, parts: AsyncIterable<Buffer>): Promise<Sent> {
  const { client, name } = bucket;
  const object = { Bucket: name, Key: upload.key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...object, Metadata: upload.metadata }));
  try {
    const sent = await sendParts(bucket, { ...object, UploadId }, parts);
    return { ...sent, answered: await complete(bucket, upload, UploadId, sent.parts) };
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => undefined); // swept later
    throw error;
  }
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

async function sendParts({ client }: S3Bucket, place: Place, parts: AsyncIterable<Buffer>) {
  const uploads: Promise<CompletedPart>[] = [];
  const md5s = createHash('md5');
  let size = 0;
  try {
    for await (const part of parts) {
      const md5 = hash('md5', part, 'buffer');
      const PartNumber = uploads.length + 1;
      const request = { ...place, PartNumber, Body: part, ContentMD5: md5.toString('base64') };
      const sending = client.send(new UploadPartCommand(request)).then(({ ETag }) => ({ ETag, PartNumber }));
      sending.catch(() => undefined); // it is awaited, after others
      uploads.push(sending);
      md5s.update(md5);
      size += part.length;
      await uploads.at(-PARTS_AT_ONCE);
    }
    const etag = `${md5s.digest('hex')}-${String(uploads.length)}`;
    return { size, etag, parts: await Promise.all(uploads) };
  } finally {
    await Promise.allSettled(uploads); // or one that is still on its way would outlive the abortion
  }
}

async function complete(
  { client, name }: S3Bucket,
  { key, condition }: Upload,
  UploadId: string | undefined,
  Parts: CompletedPart[],
): Promise<string | undefined> {
  const request = { Bucket: name, Key: key, UploadId, MultipartUpload: { Parts } };
  try {
    const { ETag } = await conditionally(condition, (accepted) =>
      client.send(new CompleteMultipartUploadCommand({ ...request, ...accepted })),
    );
    return ETag;
  } catch (error) {
    // Done before, by a request whose answer got lost; whether it was is seen when the object is looked at.
    if (error instanceof S3Error && error.problem === 'NoSuchUpload') return undefined;
    throw error;
  }
}

/** Gives up uploads that were begun before that time: whoever began them has died (trust T-94). A thousand at most. */
export async function sweepUploads({ client, name: Bucket }: S3Bucket, before: Date): Promise<void> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (Initiated !== undefined && Initiated >= before) continue;
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
}
