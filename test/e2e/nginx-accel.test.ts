import { createHash, randomBytes } from 'node:crypto';
import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '#libs/kernel/testing/until.js';

import { ask, sendRaw, type RawResponse } from '../../apps/api/testing/raw-http.js';
import { Nginx } from '../support/nginx.js';
import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

const TOKEN = '0123456789abcdef0123456789abcdef';
const SECRET = 'canary-of-the-box';
const WORD = 'canary-open-sesame';
const CREDENTIALS = { Authorization: `Basic ${Buffer.from(`box:${SECRET}`).toString('base64')}` };
const BY_NGINX = { ...CREDENTIALS, 'X-Sendfile-Type': 'X-Accel-Redirect' };

const large = randomBytes(50_000_000);
const FILES = { 'Packages.gz': 'index', 'large.ipk': large, 'page.html': '<b>page</b>', empty: '', 'a b+c~é': 'odd' };
const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
const fileOf = (content: Buffer | string): string => join(sha256(content).slice(0, 2), sha256(content));

describe('nginx in front, with DELIVERY=accel', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;
  let nginx: Nginx;
  let blobs: string;

  beforeAll(async () => {
    for (const [path, content] of Object.entries(FILES)) upstream.write(path, content);
    parceler = await Parceler.create({
      DELIVERY: 'accel',
      TRUSTED_PROXIES: '127.0.0.1',
      LOG_LEVEL: 'info',
      REPOSITORY_MILESTONE_TOKEN: TOKEN,
    });
    blobs = join(parceler.storage, 'disk', 'blobs');
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '0', '--no-sync');
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: SECRET });
    nginx = await startNginx(blobs);
  });
  afterAll(async () => {
    await nginx.stop();
    await parceler.dispose();
    upstream.dispose();
  });

  const startNginx = (folder: string) =>
    Nginx.start({ API_ADDRESS: `127.0.0.1:${String(parceler.port)}`, PARCELER_BLOBS: folder });

  const targetOf = (path: string): string => `/repository/community/feed/${path}`;
  const get = (path: string, headers: Readonly<Record<string, string>> = CREDENTIALS, method = 'GET') =>
    ask(nginx.port, targetOf(path), { headers, method });
  const direct = (path: string, headers: Readonly<Record<string, string>> = CREDENTIALS, method = 'GET') =>
    ask(parceler.port, targetOf(path), { headers, method });

  /** What every hop says for itself. */
  const told = ({ status, headers }: RawResponse) => ({
    status,
    headers: { ...headers, date: '', server: '', connection: '' },
  });

  const withoutParts = (answer: RawResponse) => {
    const { status, headers } = told(answer);
    return { status, headers: { ...headers, 'accept-ranges': '' } };
  };

  it('answers before there is an api, and serves once there is one', async () => {
    const { status, headers, body } = await get('Packages.gz');
    expect([status, headers['retry-after'], headers['content-type']]).toEqual([503, '10', 'application/problem+json']);
    expect(JSON.parse(body.toString())).toMatchObject({ status: 503, code: 'NOT_READY' });
    expect(headers['cache-control']).toBe('no-store');
    await parceler.serve();
    parceler.must('repository:sync', 'feed', '--wait');
    expect((await get('Packages.gz')).body.toString()).toBe('index');
  });

  it.each([
    ['Packages.gz', FILES['Packages.gz']],
    ['large.ipk', large],
    ['page.html', FILES['page.html']],
    ['empty', ''],
    ['a%20b+c~%C3%A9', 'odd'],
  ])('sends %s with everything that the api says of it (T-121)', async (path, content) => {
    const answer = await get(path);
    expect(answer.body.equals(Buffer.from(content as string))).toBe(true);
    expect(told(answer)).toEqual(told(await direct(path)));
    expect(answer.headers).toMatchObject({ 'cache-control': 'private', vary: 'Authorization', server: 'nginx' });
  });

  it('sends content itself, and only where the api has said so', async () => {
    const handedOver = await direct('large.ipk', BY_NGINX);
    expect([handedOver.status, handedOver.body.length]).toEqual([200, 0]);
    expect(handedOver.headers['x-accel-redirect']).toBe(`/_parceler/blobs/${fileOf(large)}`);
    const lines = nginx.output.split('\n').filter((line) => line.includes('"content sent"'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ blob: `/_parceler/blobs/${fileOf(large)}`, bytes: large.length, complete: 'OK' }),
    );
  });

  const fits = { 'If-Range': `"${sha256(large)}"` };
  const other = { 'If-Range': '"other"' };
  it.each([
    ['a part', { Range: 'bytes=1000-1999' }, 206],
    ['the end', { Range: 'bytes=-1000' }, 206],
    ['what is left', { Range: 'bytes=49999000-' }, 206],
    ['a part beyond the end', { Range: 'bytes=49999000-60000000' }, 206],
    ['a part of this very file', { Range: 'bytes=49999000-', ...fits }, 206],
    ['a part of another file', { Range: 'bytes=49999000-', ...other }, 200],
    ['two parts', { Range: 'bytes=0-1,5-6' }, 200],
    ['a part that is none', { Range: 'bytes=5-1' }, 200],
    ['a part with too many digits', { Range: `bytes=49999000-${'9'.repeat(30)}` }, 206],
    ['nothing of it', { Range: 'bytes=60000000-' }, 416],
    ['none of its end', { Range: 'bytes=-0' }, 416],
    ['what it has', { 'If-None-Match': `"${sha256(large)}"` }, 304],
    ['any change', { 'If-None-Match': '"other"', 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 200],
    ['a change since long', { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 200],
    ['this very file', { 'If-Match': `"${sha256(large)}"` }, 200],
    ['another file', { 'If-Match': '"other"' }, 412],
    ['what has not changed since', { 'If-Unmodified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 200],
    ['what has not changed before', { 'If-Unmodified-Since': 'Thu, 01 Jan 1998 00:00:00 GMT' }, 412],
  ])('says what the api says to who wants %s (T-126)', async (_, headers, status) => {
    const asked = { ...CREDENTIALS, ...headers };
    const [answer, expected] = [await get('large.ipk', asked), await direct('large.ipk', asked)];
    expect(answer.status).toBe(status);
    // nginx does not say once more with a part that there are parts.
    expect(withoutParts(answer)).toEqual(withoutParts(expected));
    expect(answer.body.equals(expected.body)).toBe(true);
  });

  it('knows the time that the api gives a file, and not that of the blob', async () => {
    const time = (await get('large.ipk', CREDENTIALS, 'HEAD')).headers['last-modified'] ?? '';
    const since = { ...CREDENTIALS, 'If-Modified-Since': time };
    expect((await get('large.ipk', since)).status).toBe(304);
    const ofBlob = statSync(join(blobs, fileOf(large))).mtime.toUTCString();
    expect((await get('large.ipk', { ...CREDENTIALS, 'If-Modified-Since': ofBlob })).status).toBe(
      time === ofBlob ? 304 : 200,
    );
    const part = await get('large.ipk', { ...CREDENTIALS, Range: 'bytes=0-9', 'If-Range': time });
    expect([part.status, part.body.length]).toEqual([206, 10]);
  });

  it.each([
    ['a file by HEAD', 'large.ipk', CREDENTIALS, 'HEAD', 200],
    ['nobody', 'Packages.gz', {}, 'GET', 401],
    ['a wrong secret', 'Packages.gz', { Authorization: `Basic ${btoa('box:wrong')}` }, 'GET', 403],
    ['no file', 'none', CREDENTIALS, 'GET', 404],
    ['another method', 'Packages.gz', CREDENTIALS, 'DELETE', 405],
  ])('passes the answer to %s on', async (_, path, headers, method, status) => {
    const answer = await get(path, headers, method);
    expect(answer.status).toBe(status);
    expect(told(answer)).toEqual(told(await direct(path, headers, method)));
  });

  it('takes milestone releases from CI', async () => {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json', 'Content-Length': '2' };
    const target = '/repository/feed/milestone';
    expect((await ask(nginx.port, target, { method: 'POST', headers, body: '{}' })).status).toBe(202);
    expect((await ask(nginx.port, target, { method: 'POST', headers: { Authorization: 'Bearer no' } })).status).toBe(
      401,
    );
  });

  it.each([`/_parceler/blobs/${fileOf('index')}`, '/_parceler/blobs/', '/_parceler/', '/metrics'])(
    'has nothing at %s (T-130)',
    async (target) => {
      for (const headers of [CREDENTIALS, BY_NGINX, { ...CREDENTIALS, 'X-Accel-Redirect': target }]) {
        expect((await ask(nginx.port, target, { headers })).status).toBe(404);
      }
    },
  );

  it('lets clients say nothing of themselves or of nginx (T-130)', async () => {
    const claims = {
      ...{ 'X-Accel-Redirect': `/_parceler/blobs/${fileOf(large)}`, 'X-Sendfile-Type': 'X-Sendfile' },
      ...{ 'X-Forwarded-For': '203.0.113.9', 'X-Real-IP': '203.0.113.9', Forwarded: 'for=203.0.113.9' },
      ...{ 'X-Forwarded-Host': 'evil.example', 'X-Original-URL': '/metrics', 'X-Rewrite-URL': '/metrics' },
    };
    const { status, body, headers } = await get('Packages.gz', { ...CREDENTIALS, ...claims });
    expect([status, body.toString()]).toEqual([200, 'index']);
    expect(headers['x-accel-redirect']).toBeUndefined();
    expect(nginx.output + parceler.output).not.toMatch(/203\.0\.113\.9|evil\.example/);
    expect(parceler.output).toContain('"client":"127.0.0.1"');
  });

  it('takes as much of a request as the api, and no more (T-137)', async () => {
    const headers = { ...CREDENTIALS, 'X-Long': 'x'.repeat(10_000) };
    expect((await get('Packages.gz', headers)).status).toBe(200);
    expect((await get('Packages.gz', { ...headers, 'X-Longer': 'x'.repeat(10_000) })).status).toBe(431);
    const body = { ...CREDENTIALS, 'Content-Length': '70000' };
    expect((await get('Packages.gz', body)).status).toBe(413);
  });

  it('says that content cannot be read when nginx does not find what the api has (T-134)', async () => {
    upstream.write('lost', 'lost');
    parceler.must('repository:sync', 'feed', '--wait');
    const file = join(blobs, fileOf('lost'));
    renameSync(file, `${file}-away`);
    const { status, headers, body } = await get('lost');
    expect([status, headers['content-type']]).toEqual([503, 'application/problem+json']);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'CONTENT_DAMAGED' });
    await until(() => parceler.output.includes('damaged content was brought back from the source'));
    expect((await get('lost')).body.toString()).toBe('lost');
  });

  it('says the same when its folder is another one than the api has', async () => {
    const elsewhere = await startNginx(join(parceler.folder, 'nowhere'));
    const { status, headers, body } = await ask(elsewhere.port, targetOf('Packages.gz'), { headers: CREDENTIALS });
    expect([status, headers['retry-after'], headers['content-type']]).toEqual([503, '60', 'application/problem+json']);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'CONTENT_DAMAGED' });
    expect(headers).not.toHaveProperty('etag');
    expect(elsewhere.output).toContain('No such file or directory');
    await elsewhere.stop();
  });

  it('passes on what a maintenance has for an answer, and keeps its word to itself (T-143)', async () => {
    parceler.must('down', '--retry', '7', '--secret', WORD);
    await until(async () => (await get('Packages.gz')).status === 503);
    expect((await get('Packages.gz')).headers).toMatchObject({ 'retry-after': '7', 'cache-control': 'no-store' });
    const secure = { 'X-Forwarded-Proto': 'https' };
    const { status, headers } = await ask(nginx.port, `/${WORD}`, { headers: secure });
    expect([status, headers['location']]).toEqual([302, '/']);
    expect(headers['set-cookie']).not.toContain('Secure'); // it came by plain HTTP, whatever it says
    expect((await get('Packages.gz', { ...CREDENTIALS, 'X-Parceler-Bypass': WORD })).status).toBe(200);
    parceler.must('up');
    await until(async () => (await get('Packages.gz')).status === 200);
  });

  it('survives a restart of the api', async () => {
    await parceler.stopAll();
    const away = await ask(nginx.port, `/${WORD}?canary-query`, { headers: CREDENTIALS });
    expect([away.status, away.headers['retry-after']]).toEqual([503, '10']);
    await parceler.serve();
    expect((await get('Packages.gz')).body.toString()).toBe('index');
  });

  it('serves many requests on one connection', async () => {
    const lines = [`GET ${targetOf('Packages.gz')} HTTP/1.1`, 'Host: x', `Authorization: ${CREDENTIALS.Authorization}`];
    const request = [...lines, '', ''].join('\r\n');
    const last = [...lines, 'Connection: close', '', ''].join('\r\n');
    const answers = await sendRaw(nginx.port, request.repeat(20) + last);
    expect(answers.map(({ body }) => body.toString())).toEqual(Array.from({ length: 21 }, () => 'index'));
  });

  it('writes neither credentials, nor queries, nor the word of a maintenance (I-20)', () => {
    expect(nginx.output.length).toBeGreaterThan(1_000);
    expect(nginx.output).not.toMatch(/canary|Basic |Bearer/);
  });
});
