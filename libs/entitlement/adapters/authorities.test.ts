import { once } from 'node:events';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { type SystemCredentials } from '../entitlement.js';
import {
  cut,
  endless,
  hangUp,
  hinted,
  json,
  silence,
  startFakeAuthority,
  status,
  subscription,
  switchProtocols,
  type FakeAuthority,
  type Reply,
} from '../testing/fake-authority.js';
import { SELF_SIGNED } from '../testing/self-signed.js';
import { CommunityAuthority } from './community-authority.js';
import { EnterpriseAuthority } from './enterprise-authority.js';
import { HttpQuestion } from './http-question.js';

const clock = fixedClock('2026-03-10T00:00:00Z');
const credentials: SystemCredentials = { edition: 'enterprise', systemId: 'gerät' as never, secret: 's:é€' };

let fake: FakeAuthority;
let elsewhere: FakeAuthority;
let question: HttpQuestion;
beforeEach(async () => {
  [fake, elsewhere] = [await startFakeAuthority(), await startFakeAuthority()];
  question = new HttpQuestion(fake.url, { timeoutMs: 200, connections: 5 });
});
afterEach(async () => {
  await Promise.all([fake.close(), elsewhere.close()]);
});

const enterprise = () => new EnterpriseAuthority(question, clock).ask(credentials);
const community = () => new CommunityAuthority(question, clock).ask({ ...credentials, edition: 'community' });

/** Of either authority. */
const noAnswer: readonly (readonly [name: string, reply: Reply, about: 'authority' | 'question'])[] = [
  ['500', status(500), 'authority'],
  ['502', status(502), 'authority'],
  ['503', status(503), 'authority'],
  ['429', status(429), 'authority'],
  ['408', status(408), 'authority'],
  ['400', status(400), 'question'],
  ['402', status(402), 'question'],
  ['405', status(405), 'question'],
  ['410', status(410), 'question'],
  ['418', status(418), 'question'],
  ['304', status(304), 'authority'],
  ['silence', silence, 'authority'],
  ['a connection cut', hangUp, 'authority'],
  ['another protocol', switchProtocols, 'authority'],
  ['a body cut', cut('{"subscription"'), 'authority'],
  ['a body without end', endless, 'authority'],
  ['64 KiB and a byte', status(200, {}, 'x'.repeat(65_537)), 'authority'],
];

describe.each([
  ['EnterpriseAuthority', enterprise],
  ['CommunityAuthority', community],
])('%s', (_, ask) => {
  it.each([401, 403, 404])('takes %i for a refusal (T-110)', async (code) => {
    fake.reply(status(code));
    expect(await ask()).toEqual({ kind: 'refused' });
  });

  it.each(noAnswer)('takes %s for no answer (T-106, T-107, T-108, T-110)', async (_name, reply, about) => {
    fake.reply(reply);
    expect(await ask()).toMatchObject({ kind: 'unknown', about });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %i (T-109)', async (code) => {
    fake.reply(status(code, { Location: elsewhere.url.href }));
    expect(await ask()).toMatchObject({ kind: 'unknown', about: 'authority' });
    expect(elsewhere.questions).toEqual([]);
    expect(fake.questions).toHaveLength(1);
  });

  it('tells no secret to a server whose certificate nobody vouches for (T-119)', async () => {
    const heard: unknown[] = [];
    const impostor = createServer(SELF_SIGNED, ({ headers }, response) => {
      heard.push(headers);
      response.end('{"subscription":{"valid_until":"2099-01-01"}}');
    });
    await once(impostor.listen(0, '127.0.0.1'), 'listening');
    const { port } = impostor.address() as AddressInfo;
    question = new HttpQuestion(new URL(`https://127.0.0.1:${String(port)}/`), { timeoutMs: 2_000, connections: 5 });
    try {
      const verdict = await ask();
      expect(verdict).toMatchObject({
        kind: 'unknown',
        about: 'authority',
        cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      });
      expect(heard).toEqual([]);
    } finally {
      impostor.close();
    }
  });

  it('takes a port where nobody listens for no answer (T-106)', async () => {
    await fake.close();
    expect(await ask()).toMatchObject({ kind: 'unknown', about: 'authority' });
  });

  it.each([
    ['seconds', '120', 120_000],
    ['a date', 'Tue, 10 Mar 2026 00:01:00 GMT', 60_000],
  ])('passes on Retry-After in %s (T-110)', async (_unit, value, retryAfterMs) => {
    fake.reply(status(429, { 'Retry-After': value }));
    expect(await ask()).toMatchObject({ kind: 'unknown', retryAfterMs });
  });

  it.each(['soon', '-1', '', 'Tue, 10 Mar 2020 00:01:00 GMT'])('does not believe Retry-After: %j', async (value) => {
    fake.reply(status(503, { 'Retry-After': value }));
    expect(await ask()).not.toHaveProperty('retryAfterMs');
  });

  it('is not confused by what comes before the answer (T-108)', async () => {
    fake.reply(hinted(status(403)));
    expect(await ask()).toEqual({ kind: 'refused' });
  });

  it('asks once more, on a new connection, when a kept one was just closed', async () => {
    fake.reply(status(403));
    await ask();
    await setImmediate(); // by then the connection is kept
    fake.reply((request) => {
      fake.reply(status(403));
      request.socket.resetAndDestroy();
    });
    expect(await ask()).toEqual({ kind: 'refused' });
    expect(fake.questions).toHaveLength(3);
  });
});

describe('EnterpriseAuthority', () => {
  it.each([200, 201, 204])('takes %i for a yes, and presents the same credentials', async (code) => {
    fake.reply(status(code));
    expect(await enterprise()).toEqual({ kind: 'entitled', until: undefined });
    const authorization = `Basic ${Buffer.from('gerät:s:é€').toString('base64')}`;
    expect(fake.questions).toMatchObject([{ method: 'GET', url: '/check', authorization }]);
  });

  it.each<[string, string, string, 'entitled' | 'unknown']>([
    ['a captive portal', 'text/html', '<html>Please log in</html>', 'unknown'],
    ['a page with all about it', 'text/html; charset=UTF-8', '\uFEFF\r\n<!DOCTYPE html>\n<title>x', 'unknown'],
    ['a page of XML', 'application/xhtml+xml', '<?xml version="1.0"?><html>', 'unknown'],
    ['"ok", called HTML', 'text/html; charset=UTF-8', 'ok', 'entitled'],
    ['nothing, called HTML', 'text/html', '', 'entitled'],
    ['JSON', 'application/json', '{"page":"<html>"}', 'entitled'],
    ['XML', 'application/xml', '<licence/>', 'entitled'],
  ])('hears of %s what it says, a page says nothing (T-108)', async (_, type, body, kind) => {
    fake.reply(status(200, { 'Content-Type': type }, body));
    expect(await enterprise()).toMatchObject({ kind });
  });
});

describe('CommunityAuthority', () => {
  it('takes a subscription that has not ended for a yes, and presents the secret as a token', async () => {
    fake.reply(subscription('2026-04-01'));
    expect(await community()).toEqual({ kind: 'entitled', until: new Date('2026-04-01T00:00:00Z') });
    const authorization = Buffer.from('token s:é€').toString('latin1'); // as Node shows the bytes of a header
    expect(fake.questions).toMatchObject([{ method: 'GET', authorization }]);
  });

  it.each(['2026-03-09T23:59:59Z', '2026-03-10T00:00:00Z', '2001-09-09'])('takes %s for a refusal', async (ended) => {
    fake.reply(subscription(ended));
    expect(await community()).toEqual({ kind: 'refused' });
  });

  it.each([null, '', 'never', '2026-02-30', 0, ['2027-01-01'], {}, true])(
    'takes valid_until %j for no answer, never for ever (T-111, I-28)',
    async (value) => {
      fake.reply(subscription(value));
      expect(await community()).toMatchObject({ kind: 'unknown', about: 'question' });
    },
  );

  const whole = JSON.stringify({ subscription: { valid_until: '2027-01-01' } });
  it.each<readonly [string, Reply]>([
    ['a captive portal', status(200, { 'Content-Type': 'text/html' }, '<html>Please log in</html>')],
    ['nothing', status(200)],
    ['204', status(204)],
    ['null', json(null)],
    ['an array', json([{ subscription: { valid_until: '2027-01-01' } }])],
    ['no subscription', json({ valid_until: '2027-01-01' })],
    ['a subscription that is text', json({ subscription: '2027-01-01' })],
    ['a byte order mark', status(200, {}, `\uFEFF${whole}`)],
    ['half of it', status(200, {}, whole.slice(0, -1))],
    ['something after it', status(200, {}, `${whole}x`)],
    ['compressed bytes', status(200, { 'Content-Encoding': 'gzip' }, gzipSync(whole))],
    ['a gzip bomb', status(200, { 'Content-Encoding': 'gzip' }, gzipSync(' '.repeat(10_000_000) + whole))],
  ])('takes %s for no answer (T-108)', async (_name, reply) => {
    fake.reply(reply);
    expect(await community()).toMatchObject({ kind: 'unknown' });
  });
});

describe('HttpQuestion', () => {
  it('does not wait for what cannot come any more (T-107)', async () => {
    const started = performance.now();
    const patient = new HttpQuestion(fake.url, { timeoutMs: 60_000, connections: 5 });
    fake.reply(switchProtocols);
    await expect(patient.ask('x')).rejects.toThrow('another protocol');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
