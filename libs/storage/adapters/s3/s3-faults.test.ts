import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { until } from '#libs/kernel/testing/until.js';

import { keyPrefix, objectKey } from '../../object-key.js';
import { contentOf, keysOf } from '../../testing/disk.contract.js';
import { ScriptedS3, type Fault } from '../../testing/scripted-s3.js';
import { s3Client, USUAL_PATIENCE } from './s3-client.js';
import { S3Disk } from './s3-disk.js';

const a = objectKey('work/a');
const work = keyPrefix('work');
const SLOW_DOWN: Fault = { kind: 'refuse', status: 503, error: 'SlowDown' };

let s3: ScriptedS3;
let disk: S3Disk;
beforeEach(async () => {
  s3 = await ScriptedS3.start();
  const { settings } = s3;
  const client = s3Client(settings, { ...USUAL_PATIENCE, tries: 4, answerMs: 300 });
  disk = new S3Disk({ client, name: settings.bucket }, settings);
});
afterEach(() => s3.stop());

describe('a server that is overloaded, slow or breaks connections (T-90)', () => {
  it.each<[string, Fault]>([
    ['says to slow down', SLOW_DOWN],
    ['fails', { kind: 'refuse', status: 500, error: 'InternalError' }],
    ['cuts the connection', { kind: 'reset' }],
    ['does not answer in time', { kind: 'stall' }],
  ])('is asked again when it %s', async (_, fault) => {
    s3.fail('PUT', fault, 2);
    s3.fail('HEAD', fault, 2);
    await disk.write(a, Buffer.from('x'));
    s3.fail('GET', fault, 2);
    expect(await contentOf(disk, a)).toBe('x');
    expect([s3.count('PUT'), s3.count('GET')]).toEqual([3, 1 + 2 + 1]); // one GET looked for uploads to sweep
  });

  it('is not besieged: after some tries the error says what it was, and there is nothing', async () => {
    s3.fail('PUT', SLOW_DOWN, 100);
    await expect(disk.write(a, Buffer.from('x'))).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'DISK_FAILED',
      message: 'Cannot write "work/a" in bucket "bucket": the S3 server is busy or broken.',
    });
    expect(s3.count('PUT')).toBe(4);
    expect([...s3.objects.keys()]).toEqual([]);
  });

  it('loses nothing of what is read when it cuts answers: the rest is asked for, of the same content', async () => {
    const bytes = randomBytes(300_000);
    await disk.write(a, bytes);
    s3.fail('GET', { kind: 'cut' }, 3);
    expect((await buffer(await disk.read(a))).equals(bytes)).toBe(true);
    s3.fail('GET', { kind: 'cut' }, 2);
    const part = await buffer(await disk.read(a, { start: 1_000, end: 250_000 }));
    expect(part.equals(bytes.subarray(1_000, 250_001))).toBe(true);
  });

  it('gives no mixture when the object was replaced meanwhile', async () => {
    await disk.write(a, randomBytes(300_000));
    s3.fail('GET', { kind: 'cut' });
    const body = await disk.read(a);
    await disk.write(a, randomBytes(300_000));
    await expect(buffer(body)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is let go of by whoever lets go of the stream (T-135)', async () => {
    s3.objects.set(a, { bytes: Buffer.alloc(50_000_000), headers: {} });
    const body = await disk.read(a);
    body.once('data', () => body.destroy());
    await until(() => s3.abandoned === 1);
  });
});

describe('a write whose answer gets lost (T-91)', () => {
  it('is done once more, to the same end', async () => {
    s3.fail('PUT', { kind: 'lose' });
    await disk.write(a, Buffer.from('x'));
    expect(await contentOf(disk, a)).toBe('x');
  });

  it('is known to be ours although the server then says that somebody has written', async () => {
    s3.fail('PUT', { kind: 'lose' });
    expect(await disk.writeIfAbsent(a, Buffer.from('mine'))).toBe(true);
    expect(await contentOf(disk, a)).toBe('mine');
    expect(await disk.writeIfAbsent(a, Buffer.from('yours'))).toBe(false);
  });
});

it('lets exactly one of many create, where the server knows conditions (T-95)', async () => {
  const writers = Array.from({ length: 12 }, (_, writer) => `writer ${String(writer)}`);
  const won = await Promise.all(writers.map((body) => disk.writeIfAbsent(a, Buffer.from(body))));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(await contentOf(disk, a)).toBe(writers[won.indexOf(true)]);
});

describe('a server that stores other bytes than were sent (T-92)', () => {
  it.each(['store half', 'store wrong'] as const)('is not believed (%s): it gets them again', async (kind) => {
    s3.fail('PUT', { kind }, 2);
    await disk.write(a, Buffer.from('content'));
    expect(await contentOf(disk, a)).toBe('content');
    expect(s3.count('PUT')).toBe(3);
  });

  it('is given up in the end, and nothing of it stays', async () => {
    s3.fail('PUT', { kind: 'store wrong' }, 100);
    for (const method of ['write', 'writeIfAbsent'] as const) {
      const attempt = disk[method](a, Readable.from([Buffer.from('content')]));
      await expect(attempt).rejects.toMatchObject({ code: 'DISK_FAILED' });
      expect(await disk.stat(a)).toBeUndefined();
    }
  });
});

it('refuses a list that repeats itself: what is not in it would count as removed (T-93)', async () => {
  for (const name of ['a', 'b']) await disk.write(objectKey('work', name), Buffer.from(name));
  s3.fail('GET', { kind: 'repeat' });
  await expect(keysOf(disk, work)).rejects.toMatchObject({ code: 'DISK_FAILED', message: /out of order/ });
  expect(await keysOf(disk, work)).toEqual(['work/a', 'work/b']);
});

it('never takes a server that is away for an empty one', async () => {
  await disk.write(a, Buffer.from('x'));
  await s3.stop();
  for (const attempt of [() => disk.stat(a), () => keysOf(disk, work), () => disk.read(a)]) {
    await expect(attempt()).rejects.toMatchObject({ kind: 'unavailable', code: 'S3_UNREACHABLE' });
  }
  s3 = await ScriptedS3.start();
});

it('has links that need no request, and that a client may follow which sends nothing else (T-97, T-100)', async () => {
  await disk.write(a, Buffer.from('x'));
  const before = s3.requests.length;
  const terms = { expiresAt: new Date(Date.now() + 60_000), contentType: 'text/plain', contentDisposition: undefined };
  const url = disk.temporaryUrl(a, terms);
  expect(s3.requests).toHaveLength(before);
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(url, { headers: { Authorization: 'Basic b25lOmNhbmFyeQ==' } })).status).toBe(400);
});
