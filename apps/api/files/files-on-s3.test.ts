import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import { until } from '#libs/kernel/testing/until.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';
import { newSwiftDisk } from '#libs/storage/testing/swift-disk.js';
import { SwiftServer } from '#libs/storage/testing/swift-server.js';

import { ask } from '../testing/raw-http.js';
import { basic, startApi, type RunningApi } from '../testing/running-api.js';

const small = 'Package: a\n';
const large = randomBytes(1_000_000);
const FILES = { Packages: small, 'pool/a b+c.deb': large, 'index.html': '<b>page</b>', lost: 'lost', short: 'short' };
const keyOf = (content: Buffer | string) => blobKey(createHash('sha256').update(content).digest('hex') as Sha256);

let swift: SwiftServer;
let running: RunningApi;
let snapshot: string;
const log = new RecordedLog();
beforeAll(async () => {
  swift = await SwiftServer.start();
  const { bucket } = await newSwiftDisk(swift);
  const { endpoint, accessKeyId, secretAccessKey } = swift.account;
  const environment = {
    ...{ FILESYSTEM_DISK: 's3', AWS_BUCKET: bucket.name, AWS_ENDPOINT: endpoint.href },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  };
  running = await startApi(environment, log);
  await running.addRepository('debian', ['enterprise']);
  await running.addSystem('one', 'enterprise', 'canary');
  snapshot = await running.publish('debian', FILES);
  // The first request finds out whether links work.
  await until(async () => (await get('Packages', CURL)).status === 302);
}, 120_000);
afterAll(async () => {
  await running.stop();
  await swift.stop();
});

const CURL = { 'User-Agent': 'curl/8.5.0' };
const UCLIENT = { 'User-Agent': 'uclient-fetch' };
const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  ask(running.port, `/repository/enterprise/debian/${path}`, {
    headers: { ...basic('one', 'canary'), ...headers },
    method,
  });

it('sends clients that can take it to the bucket, which says of the file what we would have said', async () => {
  const { status, headers } = await get('index.html', CURL);
  expect([status, headers['x-parceler-snapshot'], headers['cache-control']]).toEqual([302, snapshot, 'no-store']);
  const answer = await fetch(headers['location'] ?? '');
  expect([answer.status, await answer.text()]).toEqual([200, FILES['index.html']]);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe('attachment');
});

it.each([
  ['curl', ['-sSfL', '-u', 'one:canary']],
  ['wget', ['-q', '-O-', '--user=one', '--password=canary']],
])('gives %s its file by way of the bucket', async (client, options) => {
  const address = `http://127.0.0.1:${String(running.port)}/repository/enterprise/debian/pool/a%20b+c.deb`;
  const { stdout } = await promisify(execFile)(client, [...options, address], { encoding: 'buffer', maxBuffer: 2e6 });
  expect(stdout.equals(large)).toBe(true);
});

it.each([
  ['uclient-fetch', UCLIENT, large],
  ['a stranger', {}, large],
  ['a part of it', { ...UCLIENT, Range: 'bytes=1000-900000' }, large.subarray(1000, 900_001)],
])('streams to %s', async (_, headers, content) => {
  const { status, body, headers: sent } = await get('pool/a%20b+c.deb', headers);
  expect([status, sent['content-length']]).toEqual([content === large ? 200 : 206, String(content.length)]);
  expect(body.equals(content)).toBe(true);
});

it('answers what is asked with a condition, or by HEAD, itself', async () => {
  const { headers, status } = await get('Packages', CURL, 'HEAD');
  expect([status, headers['content-length']]).toEqual([200, String(small.length)]);
  expect((await get('Packages', { ...CURL, 'If-None-Match': headers['etag'] ?? '' })).status).toBe(304);
  expect((await get('Packages', { ...CURL, 'If-None-Match': '"other"' })).status).toBe(200);
});

it('gives no link to whoever may have nothing (I-16)', async () => {
  expect((await get('Packages', { ...CURL, ...basic('one', 'wrong') })).status).toBe(403);
  expect((await get('none', CURL)).status).toBe(404);
});

it('tells of damage before it streams anything when content is missing or short (T-96, T-134)', async () => {
  await running.disk.remove(keyOf('lost'));
  await running.disk.write(keyOf('short'), Buffer.from('sho'));
  for (const path of ['lost', 'short']) expect((await get(path, UCLIENT)).status).toBe(503);
});

it('writes neither links nor secrets to its log (I-20, T-98)', () => {
  expect(log.lines.length).toBeGreaterThan(5);
  expect(JSON.stringify(log.lines)).not.toMatch(/Signature|canary|testing/);
});
