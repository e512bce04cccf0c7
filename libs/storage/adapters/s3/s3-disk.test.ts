import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';

import { Secret } from '#libs/config/secret.js';

import { objectKey } from '../../object-key.js';
import { describeDisk } from '../../testing/disk.contract.js';
import { SwiftServer } from '../../testing/swift-server.js';
import { s3Client } from './s3-client.js';
import { S3Disk } from './s3-disk.js';
import { PART_BYTES } from './s3-multipart.js';

let swift: SwiftServer;
beforeAll(async () => {
  swift = await SwiftServer.start();
}, 60_000);
afterAll(() => swift.stop());

const newDisk = async (): Promise<S3Disk> => {
  const { account } = swift;
  const name = await swift.newBucket();
  const secretAccessKey = new Secret(account.secretAccessKey);
  return new S3Disk({ client: s3Client({ ...account, secretAccessKey, bucket: name, pathStyle: true }), name });
};

// Swift knows no conditional writes.
describeDisk('S3Disk', newDisk, { moves: false, arbitrates: false });

describe('an object of several parts', () => {
  const key = objectKey('blobs/large');
  const bytes = randomBytes(2 * PART_BYTES + 17);
  const uploads = async ({ bucket: { client, name } }: S3Disk): Promise<number> =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: name }))).Uploads?.length ?? 0;

  it('comes back as it was sent, whatever its pieces', async () => {
    const disk = await newDisk();
    const pieces = [bytes.subarray(0, 5), bytes.subarray(5, 3_000_000), bytes.subarray(3_000_000)];
    await disk.write(key, Readable.from(pieces));
    expect((await buffer(await disk.read(key))).equals(bytes)).toBe(true);
    expect((await disk.stat(key))?.tag).toMatch(/-3"$/);
    const across = { start: PART_BYTES - 3, end: PART_BYTES + 3 };
    expect((await buffer(await disk.read(key, across))).equals(bytes.subarray(across.start, across.end + 1))).toBe(true);
    expect(await disk.touch(key)).toBe(true);
    expect(await disk.writeIfAbsent(key, Readable.from([bytes]))).toBe(false);
    expect(await uploads(disk)).toBe(0);
  });

  it('is not there, nor any part of it, when its body breaks (T-94)', async () => {
    const disk = await newDisk();
    const broken = function* (): Generator<Buffer> {
      yield bytes;
      throw new Error('upstream hung up');
    };
    await expect(disk.write(key, Readable.from(broken()))).rejects.toThrow('upstream hung up');
    expect(await disk.stat(key)).toBeUndefined();
    expect(await uploads(disk)).toBe(0);
  });
});
