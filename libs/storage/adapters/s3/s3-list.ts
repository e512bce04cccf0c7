import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';

import { byBytes } from '#libs/kernel/byte-order.js';
import { AppError } from '#libs/kernel/errors.js';

import { type ObjectInfo } from '../../disk.js';
import { isKeySegment, type KeyPrefix, type ObjectKey } from '../../object-key.js';
import { type S3Bucket } from './s3-bucket.js';
import { s3Failure } from './s3-failure.js';

/** The objects below a prefix in byte order of key, a page of at most a thousand at a time. */
export async function* listS3Objects(bucket: S3Bucket, prefix: KeyPrefix): AsyncGenerator<readonly ObjectInfo[]> {
  let last = '';
  for await (const { Contents = [] } of pages(bucket, prefix)) {
    const found = Contents.map((entry) => infoOf(decoded(entry.Key), entry));
    for (const { key } of found) {
      // Lists are joined with others, and what a server passes over would count as removed (trust T-93).
      if (last !== '' && byBytes(last, key) >= 0) throw outOfOrder(bucket, key);
      last = key;
    }
    yield found.filter(({ key }) => key.split('/').every(isKeySegment));
  }
}

/** The names of what has something below itself, in byte order. */
export async function listS3Folders(bucket: S3Bucket, prefix: KeyPrefix): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const { CommonPrefixes = [] } of pages(bucket, prefix, '/')) {
    for (const { Prefix } of CommonPrefixes) names.add(decoded(Prefix).slice(prefix.length, -1));
  }
  // The server's order is that of the names with their slashes.
  return [...names].filter(isKeySegment).sort(byBytes);
}

async function* pages(
  { client, name }: S3Bucket,
  prefix: KeyPrefix,
  delimiter?: string,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  // Encoded, since XML cannot hold every character that a key can.
  const query = { Bucket: name, Prefix: prefix, EncodingType: 'url' as const, Delimiter: delimiter };
  for (let token: string | undefined, more = true; more;) {
    let page: ListObjectsV2CommandOutput;
    try {
      page = await client.send(new ListObjectsV2Command({ ...query, ContinuationToken: token }));
    } catch (error) {
      throw s3Failure(error, `list "${prefix}"`, name);
    }
    yield page;
    more = page.IsTruncated === true;
    if (more && (page.NextContinuationToken ?? token) === token) throw cutOff(prefix);
    token = page.NextContinuationToken;
  }
}

function infoOf(key: string, entry: { Size?: number | undefined; LastModified?: Date | undefined; ETag?: string | undefined }): ObjectInfo {
  const { Size, LastModified, ETag } = entry;
  return { key: key as ObjectKey, size: Size ?? 0, modifiedAt: LastModified ?? new Date(0), tag: ETag };
}

/** In a list a blank is a plus, and a plus is encoded. */
const decoded = (text = ''): string => decodeURIComponent(text.replaceAll('+', ' '));

const outOfOrder = (bucket: S3Bucket, key: string): AppError =>
  new AppError('unavailable', 'DISK_FAILED', `Bucket "${bucket.name}" lists "${key}" twice or out of order.`, {
    hint: 'Use a general purpose bucket: its lists have to be in byte order of key.',
  });

const cutOff = (prefix: KeyPrefix): AppError =>
  new AppError('unavailable', 'DISK_FAILED', `The S3 server cut off its list of "${prefix}" and does not go on.`, {
    hint: 'Try again; look at the state of the server.',
  });
