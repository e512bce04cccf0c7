import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import { resolve } from 'node:path';

import { freePort } from '#libs/kernel/testing/free-port.js';

import { ask } from '../../apps/api/testing/raw-http.js';
import { Nginx } from '../support/nginx.js';
import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

const CREDENTIALS = { Authorization: `Basic ${Buffer.from('box:open sesame').toString('base64')}` };

describe('nginx in front of an api', () => {
  const asked: IncomingMessage[] = [];
  const api = createServer((request, response) => {
    asked.push(request);
    response.end('x'.repeat(200_000));
  });
  let nginx: Nginx;

  beforeAll(async () => {
    api.listen(0, '127.0.0.1');
    await once(api, 'listening');
    nginx = await Nginx.start({ API_ADDRESS: `127.0.0.1:${String((api.address() as AddressInfo).port)}` });
  });
  afterAll(async () => {
    await nginx.stop();
    api.close();
  });
  beforeEach(() => (asked.length = 0));

  it.each(['/repository/community/feed/a%2Fb/c%20d?x=%26', '/repository//community/./feed/%C3%A8', '/up'])(
    'hands the target on as it came: %s',
    async (target) => {
      await ask(nginx.port, target);
      expect(asked.map(({ url }) => url)).toEqual([target]);
    },
  );

  it('says who asked, also behind a proxy that ends TLS', async () => {
    await ask(nginx.port, '/', { headers: { Host: 'packages.example.org' } });
    await ask(nginx.port, '/', { headers: { 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https' } });
    expect(
      asked.map(({ headers }) => [headers.host, headers['x-forwarded-for'], headers['x-forwarded-proto']]),
    ).toEqual([
      ['packages.example.org', '127.0.0.1', 'http'],
      ['test', '192.0.2.7, 127.0.0.1', 'https'],
    ]);
  });

  it('keeps numbers for those inside', async () => {
    for (const target of ['/metrics', '/%6detrics', '//metrics', '/x/../metrics']) {
      expect((await ask(nginx.port, target)).status).toBe(404);
    }
    expect(asked).toEqual([]);
  });

  it('refuses bodies and headers that no client has', async () => {
    const body = 'x'.repeat(64 * 1024 + 1);
    const long = { headers: { 'Content-Length': String(body.length) }, method: 'POST', body };
    expect((await ask(nginx.port, '/repository/feed/milestone', long)).status).toBe(413);
    expect((await ask(nginx.port, `/${'x'.repeat(17 * 1024)}`)).status).toBe(414);
    expect(asked).toEqual([]);
  });

  it('answers 502 when there is no api', async () => {
    const alone = await Nginx.start({ API_ADDRESS: `127.0.0.1:${String(await freePort())}` });
    expect((await ask(alone.port, '/up')).status).toBe(502);
    await alone.stop();
  });
});

describe('nginx in front of Parceler', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;
  let nginx: Nginx;

  beforeAll(async () => {
    parceler = await Parceler.create({ TRUSTED_PROXIES: '127.0.0.1' });
    upstream.write('base/Packages', 'Package: a\n');
    await parceler.serve();
    nginx = await Nginx.start({ API_ADDRESS: `127.0.0.1:${String(parceler.port)}` });
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '0', '--no-sync');
    parceler.must('repository:sync', 'feed', '--wait');
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
  });
  afterAll(async () => {
    await nginx.stop();
    await parceler.dispose();
    upstream.dispose();
  });

  const FILE = '/repository/community/feed/base/Packages';
  const SAME = [
    'etag',
    'last-modified',
    'content-length',
    'content-type',
    'content-range',
    'cache-control',
    'www-authenticate',
    'x-parceler-snapshot',
  ];

  it.each<[string, Record<string, string>, number]>([
    ['the challenge', {}, 401],
    ['the file', CREDENTIALS, 200],
    ['a part of it', { ...CREDENTIALS, Range: 'bytes=2-5' }, 206],
  ])('passes %s on as the api gives it', async (_, headers, status) => {
    const [direct, proxied] = [await ask(parceler.port, FILE, { headers }), await ask(nginx.port, FILE, { headers })];
    expect([direct.status, proxied.status]).toEqual([status, status]);
    expect(proxied.body.equals(direct.body)).toBe(true);
    for (const name of SAME) expect([name, proxied.headers[name]]).toEqual([name, direct.headers[name]]);
  });

  it('leaves what is not modified to the api', async () => {
    const { etag = '' } = (await ask(nginx.port, FILE, { headers: CREDENTIALS })).headers;
    const headers = { ...CREDENTIALS, 'If-None-Match': etag };
    expect((await ask(nginx.port, FILE, { headers })).status).toBe(304);
  });

  it('waits for the api before it starts, and not for ever', async () => {
    const wait = (port: number): ReturnType<typeof spawnSync> =>
      spawnSync(resolve('docker/nginx/wait-for-api.sh'), {
        env: { PATH: process.env['PATH'], API_ADDRESS: `127.0.0.1:${String(port)}`, API_WAIT_SECONDS: '1' },
      });
    expect(wait(parceler.port).status).toBe(0);
    const missing = wait(await freePort());
    expect([missing.status, String(missing.stderr)]).toEqual([
      1,
      expect.stringContaining('there is no api at 127.0.0.1'),
    ]);
  });
});
