import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';

import { type ObjectKey } from '../../object-key.js';
import { type S3Bucket } from './s3-bucket.js';

/** What one request can copy, and the size of the parts of what is larger. */
const AT_ONCE_BYTES = 5 * 1024 ** 3;
const PART_BYTES = 1024 ** 3;

export interface S3Copy {
  readonly from: ObjectKey;
  readonly to: ObjectKey;
  readonly size: number;
}

/** Copies an object within the server, also onto itself, which makes it new. */
export async function copyS3Object(bucket: S3Bucket, copy: S3Copy): Promise<void> {
  const { client, name } = bucket;
  // Each character that a path cannot hold is encoded, also the plus, which would count as a blank.
  const CopySource = `${name}/${copy.from.split('/').map(encodeURIComponent).join('/')}`;
  const object = { Bucket: name, Key: copy.to };
  if (copy.size > AT_ONCE_BYTES) await copyInParts(bucket, copy, CopySource);
  else await client.send(new CopyObjectCommand({ ...object, CopySource, MetadataDirective: 'REPLACE' }));
}

async function copyInParts(
  { client, name }: S3Bucket,
  { to, size }: S3Copy,
  CopySource: string,
): Promise<void> {
  const object = { Bucket: name, Key: to };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
  try {
    const Parts: CompletedPart[] = [];
    for (let start = 0; start < size; start += PART_BYTES) {
      const PartNumber = Parts.length + 1;
      const CopySourceRange = `bytes=${String(start)}-${String(Math.min(start + PART_BYTES, size) - 1)}`;
      const part = { ...object, CopySource, UploadId, PartNumber, CopySourceRange };
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
      Parts.push({ ETag: CopyPartResult?.ETag, PartNumber });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => undefined); // swept later
    throw error;
  }
}
