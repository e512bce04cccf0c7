import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

import { type S3Settings } from '#libs/config/config.js';
import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { AppError } from '#libs/kernel/errors.js';

import { markDisk, type Marking } from '../../disk-marker.js';
import { s3Client, type S3Patience } from './s3-client.js';
import { S3Disk } from './s3-disk.js';
import { s3Failure } from './s3-failure.js';

/** Requests that are signed further from the server's time are refused, and links are not good for any time. */
const MAX_SKEW_MS = 5 * MINUTE;

/**
 * The disk in a bucket, which is marked as ours when it is empty and may be marked; a bucket with other content is used but
 * never marked.
 *
 * @throws AppError `S3_CREDENTIALS_REFUSED`, `S3_ACCESS_DENIED`, `S3_BUCKET_MISSING`, `S3_REGION_WRONG`, `S3_CLOCK_SKEWED`,
 * `S3_UNREACHABLE`: what an operator has to correct
 */
export async function openS3Disk(
  settings: S3Settings,
  marking: Marking,
  { clock = systemClock, patience }: { readonly clock?: Clock; readonly patience?: S3Patience } = {},
): Promise<S3Disk> {
  const client = s3Client(settings, patience);
  const disk = new S3Disk({ client, name: settings.bucket }, settings, clock);
  const isNew = await isEmpty(client, settings.bucket);
  assertRightTime(client);
  if (isNew && marking.mayMark) await markDisk(disk, marking.markerId);
  return disk;
}

/** Asked by a list, since its refusals say most: what is wrong with the key, the bucket, the region. */
async function isEmpty(client: S3Client, bucket: string): Promise<boolean> {
  try {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
    return Contents.length === 0;
  } catch (error) {
    throw s3Failure(error, 'list objects', bucket);
  }
}

/** The SDK signs by the server's time when ours is wrong; whoever follows our links cannot. */
function assertRightTime({ config }: S3Client): void {
  if (Math.abs(config.systemClockOffset) < MAX_SKEW_MS) return;
  const minutes = String(Math.round(Math.abs(config.systemClockOffset) / MINUTE));
  const direction = config.systemClockOffset > 0 ? 'behind' : 'ahead of';
  throw new AppError('unavailable', 'S3_CLOCK_SKEWED', `The clock is ${minutes} min ${direction} that of the S3 server.`, {
    hint: 'Set the clock of this machine (timedatectl set-ntp true).',
  });
}
