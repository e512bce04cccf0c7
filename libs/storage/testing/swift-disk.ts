import { type S3Settings } from '#libs/config/config.js';
import { Secret } from '#libs/config/secret.js';
import { type Clock } from '#libs/kernel/clock.js';

import { openS3Disk } from '../adapters/s3/open-s3-disk.js';
import { type S3Disk } from '../adapters/s3/s3-disk.js';
import { type SwiftServer } from './swift-server.js';

/** As an operator would set it. */
export const settingsFor = ({ account }: SwiftServer, bucket: string): S3Settings => {
  const { endpoint, region, accessKeyId, secretAccessKey } = account;
  return { endpoint, region, bucket, pathStyle: true, accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
};

/** A new disk, marked as ours. */
export async function newSwiftDisk(swift: SwiftServer, clock?: Clock): Promise<S3Disk> {
  const settings = settingsFor(swift, await swift.newBucket());
  return openS3Disk(settings, { mayMark: true, markerId: 'of a test' }, clock === undefined ? {} : { clock });
}
