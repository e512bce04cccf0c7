import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { type DeliveryWay } from '#libs/delivery/choose-way.js';
import { type Delivery } from '#libs/delivery/delivery.js';
import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { MemoryDisk } from '#libs/storage/adapters/memory-disk.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';

import { ask } from '../testing/raw-http.js';
import { DamagedBlob } from './blob-file.js';
import { SendDelivery } from './send-delivery.js';

const CONTENT = 'Package: a';
const sha256 = 'ab'.repeat(32) as Sha256;
const delivery: Delivery = {
  repository: repositoryName('debian'),
  snapshot: { id: snapshotId('20260310T000001Z'), sequence: 1 },
  file: { path: 'Packages', sha256, size: CONTENT.length, mtimeMs: 0 },
  blob: blobKey(sha256),
  contentType: 'text/plain',
};

describe('SendDelivery from a disk without local files', () => {
  let disk: MemoryDisk;
  let server: Server;
  let thrown: unknown;
  let way: DeliveryWay;
  beforeEach(async () => {
    disk = new MemoryDisk();
    thrown = undefined;
    way = { kind: 'stream' };
    server = createServer((request, response) => {
      new SendDelivery(disk, { run: () => way }).run(delivery, request, response).catch((error: unknown) => {
        thrown = error;
        response.writeHead(503).end();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(() => once(server.close(), 'close'));

  const get = (headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    ask((server.address() as AddressInfo).port, '/', { headers, method });

  it('sends the client elsewhere, with nothing that may be kept or told on (T-98)', async () => {
    way = { kind: 'redirect', url: new URL('https://bucket.example/blobs/ab?X-Amz-Signature=x') };
    const { status, headers, body } = await get();
    expect([status, body.length]).toEqual([302, 0]);
    expect(headers).toMatchObject({
      location: 'https://bucket.example/blobs/ab?X-Amz-Signature=x',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-parceler-snapshot': '20260310T000001Z',
    });
  });

  it('sends the file, or a part of it', async () => {
    await disk.write(delivery.blob, Buffer.from(CONTENT));
    const whole = await get();
    expect([whole.status, whole.body.toString()]).toEqual([200, CONTENT]);
    const part = await get({ Range: 'bytes=2-4' });
    expect([part.status, part.body.toString()]).toEqual([206, CONTENT.slice(2, 5)]);
    expect((await get({}, 'HEAD')).headers['content-length']).toBe(String(CONTENT.length));
  });

  it.each([
    ['missing', async () => undefined, 'content is missing'],
    ['too short', () => disk.write(delivery.blob, Buffer.from('Pack')), 'content is 4 bytes long instead of 10'],
    ['too long', () => disk.write(delivery.blob, Buffer.from(`${CONTENT}!`)), 'content is 11 bytes long instead of 10'],
  ])('tells of damage before it sends anything when content is %s (T-38, T-134)', async (_, damage, message) => {
    await damage();
    for (const method of ['GET', 'HEAD']) {
      expect((await get({}, method)).status).toBe(503);
      expect(thrown).toBeInstanceOf(DamagedBlob);
      expect(thrown).toMatchObject({ message });
    }
  });

  it('tells of damage when the content goes after it was looked at', async () => {
    await disk.write(delivery.blob, Buffer.from(CONTENT));
    const read = disk.read.bind(disk);
    disk.read = async (...asked) => {
      await disk.remove(delivery.blob);
      return read(...asked);
    };
    expect((await get()).status).toBe(503);
    expect(thrown).toBeInstanceOf(DamagedBlob);
  });
});
