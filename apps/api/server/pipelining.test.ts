import { once } from 'node:events';
import { readdirSync, truncateSync } from 'node:fs';
import { type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { blobKey, type Sha256 } from '#libs/storage/layout.js';

import { ask, open, sendRaw } from '../testing/raw-http.js';
import { basic, startApi, type RunningApi } from '../testing/running-api.js';

const good = basic('one', 'secret');
const LARGE = 20_000_000;
const names = ['a', 'b', 'c', 'd', 'e'];

const request = (path: string, ...lines: readonly string[]): string =>
  [
    `GET /repository/enterprise/debian/${path} HTTP/1.1`,
    'Host: x',
    `Authorization: ${good.Authorization}`,
    ...lines,
    '',
    '',
  ].join('\r\n');

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe('requests that are sent before the answers to those ahead of them', () => {
  let running: RunningApi;
  beforeAll(async () => {
    running = await startApi({ LOG_LEVEL: 'silent' });
    await running.addRepository('debian');
    await running.addSystem('one', 'enterprise', 'secret');
    const small = Object.fromEntries(names.map((name) => [name, `content of ${name}`]));
    await running.publish('debian', { ...small, large: Buffer.alloc(LARGE, 'x'), cut: Buffer.alloc(LARGE, 'y') });
    await ask(running.port, '/repository/enterprise/debian/a', { headers: good });
  });
  afterAll(() => running.stop());

  /** Reads until the server has hung up, and counts. */
  const drain = async (socket: Socket): Promise<number> => {
    let received = 0;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await once(socket, 'close');
    return received;
  };

  it.each([
    ['at once', () => Promise.resolve()],
    ['in the first', (socket: Socket) => once(socket, 'data')],
  ])('leave no file open when the client goes away %s (T-135)', async (_, moment: (s: Socket) => Promise<unknown>) => {
    const before = openFiles();
    for (let i = 0; i < 5; i += 1) {
      const socket = await open(running.port);
      socket.write(request('large').repeat(10));
      await moment(socket);
      socket.destroy();
    }
    for (let tries = 0; tries < 300 || (openFiles() > before && tries < 2_000); tries += 1) {
      await ask(running.port, '/up');
    }
    expect(openFiles()).toBeLessThanOrEqual(before);
  });

  it('open one file at a time (T-135, T-136)', async () => {
    const before = openFiles();
    const socket = await open(running.port);
    socket.write(request('large').repeat(10));
    await once(socket, 'data');
    socket.pause();
    for (let i = 0; i < 100; i += 1) await turn();
    expect(openFiles() - before).toBeLessThanOrEqual(3); // both ends of the connection, and the file
    socket.destroy();
  });

  it('are answered in order', async () => {
    const bytes = [...names, 'none'].map((name) => request(name)).join('') + request('a', 'Connection: close');
    const responses = await sendRaw(running.port, bytes);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404, 200]);
    const bodies = responses.map(({ body }) => body.toString());
    expect(bodies.slice(0, 5)).toEqual(names.map((name) => `content of ${name}`));
    expect(bodies[6]).toBe('content of a');
  });

  it('are answered in order also after refusals, which take no time', async () => {
    const bare = 'GET /repository/enterprise/debian/a HTTP/1.1\r\nHost: x\r\n\r\n';
    const bytes = request('a') + bare + bare + request('large') + bare + request('b', 'Connection: close');
    const responses = await sendRaw(running.port, bytes);
    expect(responses.map(({ status, body }) => [status, status === 200 && body.length])).toEqual([
      [200, 12],
      [401, false],
      [401, false],
      [200, LARGE],
      [401, false],
      [200, 12],
    ]);
  });

  it('may be as many as apt sends, again and again', async () => {
    const socket = await open(running.port);
    for (let round = 0; round < 10; round += 1) {
      let text = '';
      socket.write(request('a').repeat(10));
      while (text.split('content of a').length <= 10) text += String(((await once(socket, 'data')) as [Buffer])[0]);
    }
    socket.destroy();
  });

  it('end the connection when they are too many (T-136)', async () => {
    const socket = await open(running.port);
    socket.write(request('large').repeat(300));
    expect(await drain(socket)).toBeLessThan(LARGE * 2);
  });

  it('never get their refusal into the file ahead of them (T-129, T-136)', async () => {
    const socket = await open(running.port);
    socket.write(request('large'));
    const [head] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    socket.write('nonsense\r\n\r\n');
    const chunks = [head.subarray(head.indexOf('\r\n\r\n') + 4)];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const received = await drain(socket);
    expect(received).toBeLessThan(LARGE);
    expect(Buffer.concat(chunks).every((byte) => byte === 'x'.charCodeAt(0))).toBe(true);
  });

  it('get their refusal behind the answer ahead of them when that is out (T-129)', async () => {
    const socket = await open(running.port);
    socket.write(request('a'));
    await once(socket, 'data');
    socket.write('nonsense\r\n\r\n');
    const [refusal] = (await once(socket, 'data')) as [Buffer];
    expect(refusal.toString()).toMatch(/^HTTP\/1\.1 400 /);
    await drain(socket);
  });

  it('break the connection when a later file ends early (T-28)', async () => {
    const cut = await ask(running.port, '/repository/enterprise/debian/cut', { headers: good, method: 'HEAD' });
    const key = blobKey((cut.headers['etag'] ?? '').replaceAll('"', '') as Sha256);
    const socket = await open(running.port);
    socket.write(request('a') + request('cut') + request('b'));
    let head = '';
    while (!head.includes('yyyy')) head += String(((await once(socket, 'data')) as [Buffer])[0]);
    socket.pause();
    truncateSync(running.fileOf(key), 1_000_000);
    expect(head.length + (await drain(socket))).toBeLessThan(LARGE);
  });
});
