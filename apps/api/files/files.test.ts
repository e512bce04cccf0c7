import { createHash, randomBytes } from 'node:crypto';

import { ask } from '../testing/raw-http.js';
import { basic, startApi, type RunningApi } from '../testing/running-api.js';

const good = basic('one', 'good:secret');
const page = '<script>alert(1)</script>';
const small = Buffer.from('Package: a\nVersion: 1\n');
const large = randomBytes(1_000_000);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('GET /repository/{edition}/{repository}/{path}', () => {
  let running: RunningApi;
  let snapshot: string;
  beforeAll(async () => {
    running = await startApi();
    await running.addRepository('debian', ['enterprise']);
    await running.addRepository('empty');
    await running.addSystem('one', 'enterprise', 'good:secret');
    snapshot = await running.publish('debian', {
      'dists/Packages': small,
      'pool/large.deb': large,
      'simple/index.html': page,
      'empty.txt': '',
      'a b+c~é.deb': 'odd name',
      'dists/.hidden': 'of upstream',
    });
  });
  afterAll(() => running.stop());

  const get = (path: string, headers: Readonly<Record<string, string>> = good, method = 'GET') =>
    ask(running.port, `/repository/enterprise/debian/${path}`, { headers, method });

  it('sends a small file with everything that is known about it (T-121)', async () => {
    const { status, headers, body } = await get('dists/Packages');
    expect([status, body.toString()]).toEqual([200, small.toString()]);
    expect(headers).toMatchObject({
      etag: `"${sha256(small)}"`,
      'last-modified': 'Tue, 10 Mar 2026 12:00:00 GMT',
      'content-length': String(small.length),
      'content-type': 'text/plain; charset=utf-8',
      'accept-ranges': 'bytes',
      'cache-control': 'private',
      vary: 'Authorization',
      'x-content-type-options': 'nosniff',
      'x-parceler-snapshot': snapshot,
    });
  });

  it.each([
    ['a large file', 'pool/large.deb', large],
    ['an empty file', 'empty.txt', Buffer.alloc(0)],
    ['a name that has to be encoded', 'a%20b+c~%C3%A9.deb', Buffer.from('odd name')],
  ])('sends %s', async (_, path, content) => {
    const { status, headers, body } = await get(path);
    expect([status, headers['content-length']]).toEqual([200, String(content.length)]);
    expect(body.equals(content)).toBe(true);
  });

  it('sends hidden files of upstream, and none of ours (T-125)', async () => {
    expect((await get('dists/.hidden')).status).toBe(200);
    const manifest = `${snapshot}/manifest.jsonl.gz`;
    for (const ours of ['.parceler-disk', '.noted', 'manifest.jsonl.gz', manifest, `snapshots/debian/${manifest}`]) {
      expect([ours, (await get(ours)).status]).toEqual([ours, 404]);
    }
  });

  it('has the plural as an alias', async () => {
    const { status } = await ask(running.port, '/repositories/enterprise/debian/empty.txt', { headers: good });
    expect(status).toBe(200);
  });

  it.each([
    ['dists/Packages', 200],
    ['pool/large.deb', 200],
    ['none', 404],
  ])('answers HEAD of %s as GET, without the content (T-128)', async (path, status) => {
    const [head, whole] = [await get(path, good, 'HEAD'), await get(path)];
    expect(head.status).toBe(status);
    expect({ ...head.headers, date: '' }).toEqual({ ...whole.headers, date: '' });
  });

  it('lets no page among the files run as ours (T-132)', async () => {
    const { headers } = await get('simple/index.html');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-disposition': 'attachment',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    });
  });

  describe('parts and copies', () => {
    it.each([
      ['dists/Packages', small, 'bytes=2-5', 2, 5],
      ['dists/Packages', small, 'bytes=-4', small.length - 4, small.length - 1],
      ['pool/large.deb', large, 'bytes=1000-899999', 1_000, 899_999],
      ['pool/large.deb', large, 'bytes=999999-', 999_999, 999_999],
    ])('sends a part of %s (T-126)', async (path, content, range, start, end) => {
      const { status, headers, body } = await get(path, { ...good, Range: range });
      expect(status).toBe(206);
      expect(headers).toMatchObject({
        'content-range': `bytes ${String(start)}-${String(end)}/${String(content.length)}`,
        'content-length': String(end - start + 1),
        etag: `"${sha256(content)}"`,
      });
      expect(body.equals(content.subarray(start, end + 1))).toBe(true);
    });

    it.each([
      [{ Range: 'bytes=5000-' }, 416],
      [{ Range: 'bytes=0-1,3-4' }, 200],
      [{ Range: 'bytes=0-1', 'If-Range': '"other"' }, 200],
      [{ Range: 'bytes=0-1', 'If-Range': `"${sha256(small)}"` }, 206],
      [{ 'If-None-Match': `"${sha256(small)}"` }, 304],
      [{ 'If-None-Match': '"other"' }, 200],
      [{ 'If-Modified-Since': 'Tue, 10 Mar 2026 12:00:00 GMT' }, 304],
      [{ 'If-Match': '"other"' }, 412],
    ])('%j: %i (T-127)', async (headers, expected) => {
      const { status, body } = await get('dists/Packages', { ...good, ...headers });
      expect(status).toBe(expected);
      if (expected >= 300) expect(body).toHaveLength(0);
    });

    it('names the length when the range is outside (T-126)', async () => {
      const { headers } = await get('dists/Packages', { ...good, Range: 'bytes=5000-' });
      expect(headers['content-range']).toBe(`bytes */${String(small.length)}`);
    });

    it('gives a 304 what a cache needs', async () => {
      const { headers } = await get('dists/Packages', { ...good, 'If-None-Match': '*' });
      expect(headers).toMatchObject({ etag: `"${sha256(small)}"`, vary: 'Authorization', 'cache-control': 'private' });
      expect(headers).not.toHaveProperty('content-type');
    });

    it('has no ranges for HEAD', async () => {
      expect((await get('dists/Packages', { ...good, Range: 'bytes=0-1' }, 'HEAD')).status).toBe(200);
    });
  });

  describe('who may have what, in this order', () => {
    const bad = basic('one', 'bad');
    const nobody = {};
    it.each([
      ['400 before all', '/repository/enterprise/debian/../x', nobody, 400],
      ['400 before all, with credentials', '/repository/enterprise/debian/../x', good, 400],
      ['401 before 404', '/repository/enterprise/none/x', nobody, 401],
      ['401 for bad form', '/repository/enterprise/debian/empty.txt', { Authorization: 'Basic !' }, 401],
      ['401 for another scheme', '/repository/enterprise/debian/empty.txt', { Authorization: 'Bearer x' }, 401],
      ['404 for an unknown repository', '/repository/enterprise/none/x', bad, 404],
      ['404 for an impossible name', '/repository/enterprise/No%20ne/x', bad, 404],
      ['404 for another edition', '/repository/community/debian/empty.txt', bad, 404],
      ['403 before 404 of a file', '/repository/enterprise/debian/none', bad, 403],
      ['403 for a file that is there', '/repository/enterprise/debian/empty.txt', bad, 403],
      ['403 for an unknown system', '/repository/enterprise/debian/empty.txt', basic('two', 'good:secret'), 403],
      ['404 for a file', '/repository/enterprise/debian/none', good, 404],
      ['404 for a folder', '/repository/enterprise/debian/pool/', good, 404],
      ['404 for the repository itself', '/repository/enterprise/debian', good, 404],
      ['404 before the first snapshot', '/repository/enterprise/empty/x', good, 404],
      ['404 for what is no file request', '/repository', good, 404],
      ['404 for our own inner route', '/files', good, 404],
      ['404 for the root', '/', nobody, 404],
    ])('%s (T-133): %s', async (_, target, headers, expected) => {
      const { status, headers: answered, body } = await ask(running.port, target, { headers });
      expect(status).toBe(expected);
      expect(answered['content-type']).toBe('application/problem+json');
      expect(answered['cache-control']).toBe('no-store');
      expect(JSON.parse(body.toString())).toMatchObject({ status: expected });
      expect(answered['www-authenticate'] !== undefined).toBe(expected === 401);
    });

    it('challenges with a realm, which wget and uclient-fetch wait for', async () => {
      const { headers } = await get('empty.txt', {});
      expect(headers['www-authenticate']).toMatch(/^Basic realm="[^"]+", charset="UTF-8"$/);
    });

    it('says the same of a repository, an edition and a file that are not there', async () => {
      const targets = ['enterprise/none/x', 'community/debian/x', 'enterprise/debian/x'];
      const bodies = await Promise.all(
        targets.map(async (target) =>
          (await ask(running.port, `/repository/${target}`, { headers: good })).body.toString(),
        ),
      );
      expect(new Set(bodies).size).toBe(1);
    });

    it('takes two Authorization headers for none', async () => {
      const twice = { ...good, authorization: basic('one', 'bad').Authorization };
      expect((await get('empty.txt', twice)).status).toBe(401);
    });
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE'])(
    'does not know %s (T-128)',
    async (method) => {
      const { status, headers, body } = await get('empty.txt', { ...good, 'Content-Length': '0' }, method);
      expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
      expect(body.toString()).not.toContain('Basic');
    },
  );
});
