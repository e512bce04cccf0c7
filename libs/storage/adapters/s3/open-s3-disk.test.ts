import { type S3Settings } from '#libs/config/config.js';
import { Secret } from '#libs/config/secret.js';
import { MINUTE } from '#libs/kernel/duration.js';

import { markerIdOf } from '../../disk-marker.js';
import { objectKey } from '../../object-key.js';
import { freePorts } from '../../testing/free-ports.js';
import { SwiftServer } from '../../testing/swift-server.js';
import { openS3Disk } from './open-s3-disk.js';
import { USUAL_PATIENCE } from './s3-client.js';

let swift: SwiftServer;
let settings: S3Settings;
beforeAll(async () => {
  swift = await SwiftServer.start();
}, 120_000);
beforeEach(async () => {
  const { endpoint, region, accessKeyId, secretAccessKey } = swift.account;
  const account = { endpoint, region, accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  settings = { ...account, bucket: await swift.newBucket(), pathStyle: true };
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => swift.stop());

const open = (changed: Partial<S3Settings> = {}, mayMark = true) =>
  openS3Disk({ ...settings, ...changed }, { mayMark, markerId: 'ours' }, { patience: { ...USUAL_PATIENCE, tries: 2 } });

describe('the marker', () => {
  it('is set on an empty bucket, once', async () => {
    expect(await markerIdOf(await open())).toBe('ours');
    expect(await markerIdOf(await open())).toBe('ours');
  });

  it('is not set where it may not be, or where something stands already', async () => {
    const disk = await open({}, false);
    expect(await markerIdOf(disk)).toBeUndefined();
    await disk.write(objectKey('somebody/elses'), Buffer.from('x'));
    expect(await markerIdOf(await open())).toBeUndefined();
  });
});

describe('a bucket that cannot be used says why in one sentence', () => {
  it.each<[string, Partial<S3Settings>, string]>([
    ['unknown access key', { accessKeyId: 'nobody' }, 'the S3 server does not accept our access key'],
    ['wrong secret', { secretAccessKey: new Secret('canary') }, 'the S3 server does not accept our access key'],
  ])('%s', async (_, changed, because) => {
    const error = (await open(changed).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ kind: 'unavailable', code: 'S3_CREDENTIALS_REFUSED' });
    expect(error.message).toBe(`Cannot list objects in bucket "${settings.bucket}": ${because}.`);
    expect(JSON.stringify([error, error.cause, String(error.cause)])).not.toMatch(/canary|Signature=/); // I-20
  });

  it.each<[string, Partial<S3Settings>, string]>([
    ['no such bucket', { bucket: 'none' }, 'S3_BUCKET_MISSING'],
    ['another region', { region: 'eu-south-1' }, 'S3_REGION_WRONG'],
    ['an address of nobody', { endpoint: new URL('http://none.invalid') }, 'S3_UNREACHABLE'],
  ])('%s', async (_, changed, code) => {
    await expect(open(changed)).rejects.toMatchObject({ kind: 'unavailable', code });
  });

  it('nobody listens', async () => {
    const [port] = await freePorts(1);
    const endpoint = new URL(`http://127.0.0.1:${String(port)}`);
    await expect(open({ endpoint })).rejects.toMatchObject({ code: 'S3_UNREACHABLE' });
  });

  it.each([
    ['ahead of', 20 * MINUTE],
    ['behind', -20 * MINUTE],
  ])('a clock that is %s that of the server (T-99)', async (direction, skew) => {
    const { now } = Date;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + skew);
    await expect(open()).rejects.toMatchObject({
      code: 'S3_CLOCK_SKEWED',
      message: `The clock is 20 min ${direction} that of the S3 server.`,
    });
  });
});
