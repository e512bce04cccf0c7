import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { CreateMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';

import { type S3Settings } from '#libs/config/config.js';
import { Secret } from '#libs/config/secret.js';
import { type Clock } from '#libs/kernel/clock.js';
import { HOUR } from '#libs/kernel/duration.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

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

const settingsOf = (bucket: string): S3Settings => {
  const { endpoint, region, accessKeyId, secretAccessKey } = swift.account;
  return { endpoint, region, bucket, pathStyle: true, accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
};
const diskOn = (settings: S3Settings, clock?: Clock): S3Disk =>
  new S3Disk({ client: s3Client(settings), name: settings.bucket }, settings, clock);
const newDisk = async (): Promise<S3Disk> => diskOn(settingsOf(await swift.newBucket()));

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

it('gives up uploads whose writer died, once they are a day old (T-94, I-15)', async () => {
  const { bucket } = await newDisk();
  const { client, name } = bucket;
  await client.send(new CreateMultipartUploadCommand({ Bucket: name, Key: 'blobs/left' }));
  const open = async (): Promise<number> =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: name }))).Uploads?.length ?? 0;
  const clock = fixedClock(new Date());
  const disk = diskOn(settingsOf(name), clock);
  await disk.write(objectKey('a'), Buffer.from('x'));
  expect(await open()).toBe(1);
  clock.advance(25 * HOUR);
  await disk.write(objectKey('a'), Buffer.from('y'));
  expect(await open()).toBe(0);
});

describe('a temporary link', () => {
  const key = objectKey("odd/a b+c~(1)*'é.deb");
  const terms = { contentType: 'application/x-odd; charset=utf-8', contentDisposition: 'attachment; filename="a b"' };
  const soon = (): Date => new Date(Date.now() + 30_000);
  let disk: S3Disk;
  beforeAll(async () => {
    disk = await newDisk();
    await disk.write(key, Buffer.from('0123456789'));
  });

  it('gives the object as we would have described it, and ranges of it', async () => {
    const url = disk.temporaryUrl(key, { ...terms, expiresAt: soon() });
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([200, '0123456789']);
    expect(answer.headers.get('content-type')).toBe(terms.contentType);
    expect(answer.headers.get('content-disposition')).toBe(terms.contentDisposition);
    const part = await fetch(url, { headers: { Range: 'bytes=3-5' } });
    expect([part.status, await part.text()]).toEqual([206, '345']);
  });

  it('is for this object, this method and a bounded time alone (T-98)', async () => {
    const url = disk.temporaryUrl(key, { ...terms, expiresAt: soon() });
    expect((await fetch(url, { method: 'PUT', body: 'mine' })).status).toBe(403);
    expect((await fetch(url.href.replace('odd/', 'even/'))).status).toBe(403);
    expect((await fetch(url.href.replace('x-odd', 'x-even'))).status).toBe(403);
    const { bucket, settings } = { bucket: disk.bucket, settings: settingsOf(disk.bucket.name) };
    const then = new Date(Date.now() - 61_000);
    const old = new S3Disk(bucket, settings, fixedClock(then));
    const expired = old.temporaryUrl(key, { ...terms, expiresAt: new Date(then.getTime() + 60_000) });
    expect((await fetch(expired)).status).toBe(403);
  });
});
