import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { ask } from '../../apps/api/testing/raw-http.js';
import { Nginx } from '../support/nginx.js';
import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

const CREDENTIALS = { Authorization: `Basic ${Buffer.from('box:open sesame').toString('base64')}` };

const addressOf = (server: Server): string => `127.0.0.1:${String((server.address() as AddressInfo).port)}`;

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
    nginx = await Nginx.start({ API_ADDRESS: addressOf(api) });
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

  const sayingWho = () =>
    asked.map(({ headers }) => [headers.host, headers['x-forwarded-for'], headers['x-forwarded-proto']]);
  const claims = { headers: { 'X-Forwarded-For': '203.0.113.1, 192.0.2.7', 'X-Forwarded-Proto': 'https' } };

  it('says who asked, whatever clients say of themselves (T-130)', async () => {
    await ask(nginx.port, '/', { headers: { Host: 'packages.example.org:8080' } });
    await ask(nginx.port, '/', claims);
    expect(sayingWho()).toEqual([
      ['packages.example.org:8080', '127.0.0.1', 'http'],
      ['test', '127.0.0.1', 'http'],
    ]);
  });

  it('says who asked the proxy that ends TLS', async () => {
    const behind = await Nginx.start({ API_ADDRESS: addressOf(api), NGINX_TRUSTED_PROXY: '127.0.0.0/8' });
    await ask(behind.port, '/', claims);
    await ask(behind.port, '/', { headers: { 'X-Forwarded-Proto': 'gopher' } });
    expect(sayingWho()).toEqual([
      ['test', '192.0.2.7', 'https'],
      ['test', '127.0.0.1', 'http'],
    ]);
    await behind.stop();
  });

  it('keeps numbers for those inside', async () => {
    for (const target of ['/metrics', '/%6detrics', '/x/../metrics']) {
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
});
