import { once } from 'node:events';
import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';

import { actor } from '#libs/kernel/actor.js';
import { repositoryName, snapshotId, systemId } from '#libs/kernel/ids.js';
import { until } from '#libs/kernel/testing/until.js';
import { startFakeAuthority, status, hangUp } from '#libs/entitlement/testing/fake-authority.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';

import { Api } from '../api.js';
import { ask, open } from '../testing/raw-http.js';
import { apiModule, basic, startApi, type RunningApi } from '../testing/running-api.js';

const act = { actor: actor('cli', 'test') };
const good = basic('one', 'secret');
const debian = repositoryName('debian');
const REQUEST = `GET /repository/enterprise/debian/file HTTP/1.1\r\nHost: x\r\nAuthorization: ${good.Authorization}\r\n\r\n`;

jest.setTimeout(30_000); // each test starts a whole api

describe('the running api', () => {
  let running: RunningApi;
  beforeEach(async () => {
    running = await startApi({ LOG_LEVEL: 'silent' });
    await running.addRepository('debian');
    await running.addSystem('one', 'enterprise', 'secret');
  });
  afterEach(() => running.stop());

  const get = (path = 'file', headers: Readonly<Record<string, string>> = good) =>
    ask(running.port, `/repository/enterprise/debian/${path}`, { headers });
  const blobPath = async (path = 'file'): Promise<string> => {
    const { headers } = await get(path);
    return running.fileOf(blobKey((headers['etag'] ?? '').replaceAll('"', '') as Sha256));
  };

  it('serves a new snapshot at the next request, and the one before when it is gone (T-12, T-38)', async () => {
    await running.publish('debian', { file: 'old', gone: 'x' });
    expect((await get()).body.toString()).toBe('old');
    const young = await running.publish('debian', { file: 'new' });
    const { body, headers } = await get();
    expect([body.toString(), headers['x-parceler-snapshot']]).toEqual(['new', young]);
    expect((await get('gone')).status).toBe(404);
    await running.snapshots.move(debian, snapshotId(young), 'complete', 'removing', act);
    expect((await get()).body.toString()).toBe('old');
    expect((await get('gone')).status).toBe(200);
  });

  it('refuses a revoked system at its next request (T-112)', async () => {
    await running.publish('debian', { file: 'x' });
    expect((await get()).status).toBe(200);
    expect((await get()).status).toBe(200);
    await running.systems.revoke(systemId('one'), new Date(), act);
    expect((await get()).status).toBe(403);
    await running.addSystem('one', 'enterprise', 'other');
    expect([(await get()).status, (await get('file', basic('one', 'other'))).status]).toEqual([403, 200]);
  });

  it.each([
    ['missing', (path: string) => rmSync(path)],
    ['shorter', (path: string) => truncateSync(path, 1)],
    ['longer', (path: string) => writeFileSync(path, 'xxxxxxxxxxxxxx')],
  ])('answers 503 when content is %s, and serves another snapshot from then on (T-134)', async (_, damage) => {
    await running.publish('debian', { file: 'old content' });
    await running.publish('debian', { file: 'new content' });
    damage(await blobPath());
    const { status: first, headers } = await get();
    expect([first, headers['retry-after']]).toEqual([503, '60']);
    await until(async () => (await get()).status === 200);
    expect((await get()).body.toString()).toBe('old content');
    expect((await running.snapshots.list(debian)).map(({ state }) => state)).toEqual(['complete', 'damaged']);
  });

  it('misses only the file when there is no other snapshot (I-04)', async () => {
    await running.publish('debian', { file: 'content', other: 'other' });
    rmSync(await blobPath());
    for (let i = 0; i < 3; i += 1) expect((await get()).status).toBe(503);
    expect((await get('other')).status).toBe(200);
  });

  it('breaks the connection rather than send a file that ends early (T-28)', async () => {
    await running.publish('debian', { file: Buffer.alloc(20_000_000, 'x') });
    const path = await blobPath();
    const socket = await open(running.port);
    socket.write(REQUEST);
    let received = ((await once(socket, 'data')) as [Buffer])[0].length;
    socket.pause();
    truncateSync(path, 1_000_000);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await once(socket, 'close');
    expect(received).toBeLessThan(20_000_000);
  });

  it('lets go of files whose clients have left (T-135)', async () => {
    await running.publish('debian', { file: Buffer.alloc(5_000_000, 'x') });
    await get();
    const openFiles = (): number => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    for (let i = 0; i < 50; i += 1) {
      const socket = await open(running.port);
      socket.write(REQUEST);
      await once(socket, 'data');
      socket.destroy();
    }
    await until(async () => {
      await ask(running.port, '/up');
      return openFiles() <= before + 2;
    });
  });

  it('is alive and ready without credentials, and names no repository', async () => {
    for (const path of ['/up', '/health/live', '/health/ready', '/up?x=1']) {
      const { status: found, body } = await ask(running.port, path);
      expect([path, found, body.toString()]).toEqual([path, 200, '{"status":"ok"}']);
    }
  });

  it.each([['/up'], ['/health/ready'], ['/metrics']])('has no other method for %s', async (path) => {
    const { status: found, headers } = await ask(running.port, path, {
      method: 'POST',
      headers: { 'Content-Length': '0' },
    });
    expect([found, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('says what is wrong when it is not ready', async () => {
    await rm(`${running.config.source.root}/.parceler-disk`);
    const { status: found, headers, body } = await ask(running.port, '/health/ready');
    expect([found, headers['content-type']]).toEqual([503, 'application/problem+json']);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'NOT_READY', problems: ['disk'] });
    expect((await ask(running.port, '/up')).status).toBe(200);
  });

  it('counts requests, by status and nothing that names somebody', async () => {
    await get('file', {});
    const { body, headers } = await ask(running.port, '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(body.toString()).toMatch(/parceler_http_requests_total\{status="401"\} 1/);
    expect(body.toString()).toMatch(
      /parceler_free_bytes\{volume="database"\} \d+\nparceler_free_bytes\{volume="disk"\} \d+\n/,
    );
    expect(body.toString()).not.toContain('debian');
  });

  it('finishes downloads when it is told to end, and takes nothing new (I-31)', async () => {
    await running.publish('debian', { file: Buffer.alloc(8_000_000, 'x') });
    const socket = await open(running.port); // and keeps it open, as clients do
    socket.write(REQUEST);
    let received = ((await once(socket, 'data')) as [Buffer])[0].length;
    const stopped = running.api.stop(60_000);
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await Promise.all([stopped, once(socket, 'close')]);
    expect(received).toBeGreaterThan(8_000_000);
    await expect(open(running.port)).rejects.toThrow();
  });

  it('says in one sentence that the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const config = { ...running.config, http: { ...running.config.http, port } };
    await expect(Api.start(apiModule(config), config)).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: `Cannot listen on 127.0.0.1 port ${String(port)}: another program does already.`,
    });
    taken.close();
  });
});

it('goes on for known systems while the licence server is down, and sends others away for a while (T-106, I-24)', async () => {
  const fake = await startFakeAuthority(status(200));
  const running = await startApi({
    ENTERPRISE_ENDPOINT: fake.url.href,
    ENTERPRISE_CACHE_TTL: '1s',
    LOG_LEVEL: 'silent',
  });
  await running.addRepository('debian');
  await running.publish('debian', { file: 'x' });
  const get = (headers: Readonly<Record<string, string>>) =>
    ask(running.port, '/repository/enterprise/debian/file', { headers });
  expect((await get(good)).status).toBe(200);
  fake.reply(hangUp);
  const stranger = await get(basic('two', 'secret'));
  expect([stranger.status, Number(stranger.headers['retry-after']) >= 30]).toEqual([503, true]);
  expect((await get(good)).status).toBe(200);
  fake.reply(status(403));
  expect((await get(basic('three', 'secret'))).status).toBe(403);
  await running.stop();
  await fake.close();
});

it('asks the licence server once about each of a herd, and not about all at the same time (T-113, I-19)', async () => {
  const held: ServerResponse[] = [];
  const fake = await startFakeAuthority((_, response) => void held.push(response));
  const running = await startApi({ ENTERPRISE_ENDPOINT: fake.url.href, LICENCE_CONCURRENCY: '7' });
  await running.addRepository('debian');
  await running.publish('debian', { file: 'x' });
  const wake = (): Promise<readonly number[]> => {
    const herd = Array.from({ length: 200 }, (_, number) => basic(`system-${String(number % 100)}`, 'secret'));
    const ofOne = (headers: Readonly<Record<string, string>>) =>
      ask(running.port, '/repository/enterprise/debian/file', { headers });
    return Promise.all(herd.map(async (headers) => (await ofOne(headers)).status));
  };
  try {
    const first = wake();
    await until(async () => held.length === 7);
    fake.reply(status(200));
    for (const response of held) response.end();
    expect(new Set(await first)).toEqual(new Set([200]));
    expect(new Set(await wake())).toEqual(new Set([200]));
    expect([fake.questions.length, fake.mostAtOnce()]).toEqual([100, 7]);
  } finally {
    await running.stop();
    await fake.close();
  }
});
