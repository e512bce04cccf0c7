import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3';

import { AppError } from '#libs/kernel/errors.js';

import { type ObjectKey } from '../../object-key.js';
import { type S3Bucket } from './s3-bucket.js';

/** What XML can hold, in which the keys are sent. */
const XML = /^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** Removes objects, at most a thousand; those that are not there, too. */
export async function removeS3Objects(bucket: S3Bucket, keys: readonly ObjectKey[]): Promise<void> {
  const { client, name } = bucket;
  const Objects = keys.filter((key) => XML.test(key)).map((Key) => ({ Key }));
  if (Objects.length > 0) {
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: name, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors.filter(({ Code }) => Code !== 'NoSuchKey');
    if (first !== undefined) throw notRemoved(String(first.Key), String(first.Code));
  }
  for (const key of keys) if (!XML.test(key)) await removeS3Object(bucket, key);
}

export async function removeS3Object({ client, name }: S3Bucket, key: ObjectKey): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: name, Key: key }));
}

const notRemoved = (key: string, code: string): AppError =>
  new AppError('unavailable', 'DISK_FAILED', `The S3 server did not remove "${key}" (${code}).`, {
    hint: 'Look at what it says of that, such as a lock or a rule for keeping objects.',
  });
