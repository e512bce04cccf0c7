import { once } from 'node:events';

import { ask, open, sendRaw } from '../testing/raw-http.js';
import { basic, startApi, type RunningApi } from '../testing/running-api.js';

const good = basic('one', 'secret');
const authorization = `Authorization: ${good.Authorization}`;
const target = '/repository/enterprise/debian/file';

describe('what is not quite HTTP', () => {
  let running: RunningApi;
  beforeAll(async () => {
    running = await startApi();
    await running.addRepository('debian');
    await running.addSystem('one', 'enterprise', 'secret');
    await running.publish('debian', { file: 'content' });
  });
  afterAll(() => running.stop());

  const request = (lines: readonly string[], body = ''): string =>
    [`GET ${target} HTTP/1.1`, 'Host: x', authorization, ...lines, '', body].join('\r\n');
  const second = `GET ${target}?second HTTP/1.1\r\nHost: x\r\n${authorization}\r\nConnection: close\r\n\r\n`;

  it.each([
    ['length and coding', request(['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n')],
    ['two codings', request(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n')],
    ['a coding that only looks like chunked', request(['Transfer-Encoding: xchunked'], '0\r\n\r\n')],
    ['a coding before chunked', request(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n')],
    ['a vertical tab before chunked', request(['Transfer-Encoding: \vchunked'], '0\r\n\r\n')],
    ['a space before the colon', request(['Transfer-Encoding : chunked'], '0\r\n\r\n')],
    ['two lengths', request(['Content-Length: 0', 'Content-Length: 5'], 'hello')],
    ['a length with a sign', request(['Content-Length: +5'], 'hello')],
    ['a length in hexadecimal', request(['Content-Length: 0x5'], 'hello')],
    ['a folded header', request(['X-A: b', ' c: d'])],
    ['a line end without CR', `GET ${target} HTTP/1.1\nHost: x\n${authorization}\n\n`],
    ['a NUL in a header', request(['X-A: b\0c'])],
    ['a header without a name', request([': x'])],
    ['two hosts', request(['Host: y'])],
    ['the same host twice', request(['hOST: x'])],
    ['no host', `GET ${target} HTTP/1.1\r\n${authorization}\r\n\r\n`],
    ['a space in the target', `GET ${target} x HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['another protocol', `GET ${target} FTP/1.1\r\nHost: x\r\n\r\n`],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['noise', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['absolute form', `GET http://evil${target} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`],
  ])('refuses %s, once, and hangs up (T-129)', async (_, bytes) => {
    const responses = await sendRaw(running.port, Buffer.from(bytes + second, 'latin1'));
    expect(responses.map(({ status }) => status)).toEqual([400]);
  });

  it.each(['0.9', '2.0'])('does not speak HTTP/%s, and hangs up (T-129)', async (version) => {
    const bytes = request([]).replace('HTTP/1.1', `HTTP/${version}`);
    const responses = await sendRaw(running.port, bytes + second);
    expect(responses.map(({ status }) => status)).toEqual([505]);
  });

  it.each([
    ['a length on GET', request(['Content-Length: 5'], 'hello')],
    ['a chunked body on GET', request(['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n')],
    ['nothing unusual', request([])],
  ])('gives two answers to two requests: %s (T-129)', async (_, bytes) => {
    const responses = await sendRaw(running.port, bytes + second);
    expect(responses.map(({ status, body }) => `${String(status)} ${body.toString()}`)).toEqual([
      '200 content',
      '200 content',
    ]);
  });

  it.each([
    ['a long header', { 'X-Long': 'x'.repeat(20_000) }, 431],
    ['many cookies', { Cookie: 'a=b; '.repeat(4_000) }, 431],
  ])('refuses %s (T-137)', async (_, headers, status) => {
    expect((await ask(running.port, target, { headers })).status).toBe(status);
  });

  it('sees a second Authorization behind however many headers', async () => {
    const [response] = await sendRaw(
      running.port,
      request([...Array.from({ length: 2_000 }, () => 'a:'), authorization, 'Connection: close']),
    );
    expect(response?.status).toBe(401);
  });

  it('refuses a long target (T-137)', async () => {
    expect((await ask(running.port, `${target}${'x'.repeat(5_000)}`)).status).toBe(400);
    expect((await ask(running.port, `${target}${'x'.repeat(100_000)}`)).status).toBe(431);
  });

  it.each(['X-Original-URL', 'X-Rewrite-URL', 'X-HTTP-Method-Override', 'X-Forwarded-Prefix', 'X-Accel-Redirect'])(
    'does not listen to %s (T-130)',
    async (name) => {
      const headers = { ...good, [name]: name.includes('Method') ? 'DELETE' : '/metrics' };
      const { status, body } = await ask(running.port, target, { headers });
      expect([status, body.toString()]).toEqual([200, 'content']);
    },
  );

  it('is not led astray by Host (T-130)', async () => {
    const { headers } = await ask(running.port, target, { headers: { Host: 'evil.example' } });
    expect(JSON.stringify(headers)).not.toContain('evil');
  });

  it('speaks HTTP/1.0', async () => {
    expect((await ask(running.port, target, { headers: good, version: '1.0' })).body.toString()).toBe('content');
  });

  it('answers the challenge and the repeated request on one connection, as uclient-fetch does', async () => {
    const first = `GET ${target} HTTP/1.1\r\nHost: x\r\nUser-Agent: uclient-fetch\r\n\r\n`;
    const [challenge, answer] = await sendRaw(running.port, first + second);
    expect([challenge?.status, challenge?.headers['www-authenticate']?.startsWith('Basic ')]).toEqual([401, true]);
    expect(answer?.body.toString()).toBe('content');
  });

  it('never shows what came in (T-131)', async () => {
    for (const path of ['%0d%0aX-Evil:%201', '%3Cscript%3E', 'canary-path']) {
      const { headers, body } = await ask(running.port, `/repository/enterprise/debian/${path}`, { headers: good });
      expect(`${JSON.stringify(headers)}${body.toString()}`).not.toMatch(/evil|<script>|canary/i);
    }
  });

  it('closes connections that say nothing more (T-136)', async () => {
    const { headersTimeout, requestTimeout, timeout, keepAliveTimeout } = running.api.server;
    expect({ headersTimeout, requestTimeout, timeout, keepAliveTimeout }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      timeout: 5_000, // twelve of them make the minute of `letGoOfStalled`
      keepAliveTimeout: 75_000,
    });
  });

  it('survives clients that leave in the middle of anything (T-135)', async () => {
    for (const bytes of ['G', 'GET / HT', `GET ${target} HTTP/1.1\r\nHost:`, request([])]) {
      const socket = await open(running.port);
      socket.write(bytes);
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    expect((await ask(running.port, '/up')).status).toBe(200);
  });
});
