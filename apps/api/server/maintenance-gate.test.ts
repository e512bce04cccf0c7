import { actor } from '#libs/kernel/actor.js';
import { systemClock } from '#libs/kernel/clock.js';
import { until } from '#libs/kernel/testing/until.js';
import { DatabaseMaintenanceStore } from '#libs/maintenance/adapters/database-maintenance-store.js';
import { BeginMaintenance } from '#libs/maintenance/begin-maintenance.js';
import { BypassKeys } from '#libs/maintenance/bypass-keys.js';
import { bypassWord } from '#libs/maintenance/bypass-word.js';
import { EndMaintenance } from '#libs/maintenance/end-maintenance.js';
import { type MaintenanceDraft } from '#libs/maintenance/maintenance.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';

import { ask, sendRaw } from '../testing/raw-http.js';
import { basic, startApi, type RunningApi } from '../testing/running-api.js';

const act = { actor: actor('cli', 'test') };
const good = basic('one', 'secret');
const file = '/repository/enterprise/debian/file';
const WORD = 'canary-let-me-in';

describe('the api in a maintenance (T-143)', () => {
  let log: RecordedLog;
  let running: RunningApi;
  beforeEach(async () => {
    log = new RecordedLog();
    running = await startApi({ TRUSTED_PROXIES: '127.0.0.0/8' }, log);
    await running.addRepository('debian');
    await running.addSystem('one', 'enterprise', 'secret');
    await running.publish('debian', { file: 'content' });
  });
  afterEach(() => running.stop());

  const get = (target = file, headers: Readonly<Record<string, string>> = good) =>
    ask(running.port, target, { headers });
  const statusOf = async (target = file, headers: Readonly<Record<string, string>> = good) =>
    (await get(target, headers)).status;
  const health = async (): Promise<string> => (await get('/health/ready', {})).body.toString();

  const store = () => new DatabaseMaintenanceStore(running.database);
  /** Seen by the api afterwards. */
  const down = async (draft: MaintenanceDraft = {}, word?: string): Promise<void> => {
    const seen = log.of('maintenance is on').length;
    const begin = new BeginMaintenance(store(), new BypassKeys(running.config.app.key), systemClock);
    await begin.run({ ...draft, ...(word !== undefined && { word: bypassWord(word) }) }, act);
    await until(() => log.of('maintenance is on').length > seen);
  };
  const up = async (): Promise<void> => {
    await new EndMaintenance(store(), systemClock).run(act);
    await until(async () => (await health()).includes('"ok"'));
  };
  const cookieOf = async (headers: Readonly<Record<string, string>> = {}): Promise<string> =>
    (await get(`/${WORD}`, headers)).headers['set-cookie'] ?? '';
  const pass = async (): Promise<Readonly<Record<string, string>>> => ({
    ...good,
    Cookie: `a=b; ${(await cookieOf()).split(';')[0] ?? ''}`,
  });

  it.each([
    ['what was served before', 'GET', file, good],
    ['a request without credentials', 'GET', file, {}],
    ['wrong credentials', 'GET', file, basic('one', 'wrong')],
    ['what is not there', 'GET', '/repository/enterprise/none/x', good],
    ['the front page', 'GET', '/', {}],
    ['a malformed target', 'GET', '/repository/../x', good],
    ['a target that is too long', 'GET', `/${'x'.repeat(5_000)}`, {}],
    ['a target that looks like health', 'GET', '/UP', {}],
    ['a POST', 'POST', '/repository/debian/milestone', {}],
    ['OPTIONS', 'OPTIONS', '*', {}],
  ])('answers %s with 503, before anything is asked', async (_, method, target, headers) => {
    await down();
    const { status, headers: answered, body } = await ask(running.port, target, { method, headers });
    expect(status).toBe(503);
    expect(answered).toMatchObject({
      'retry-after': '60',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    });
    expect(answered).not.toHaveProperty('www-authenticate');
    expect(JSON.parse(body.toString())).toMatchObject({ status: 503, code: 'MAINTENANCE' });
  });

  it('keeps connections, whatever came on them, and sends no body for HEAD', async () => {
    await down();
    const post = `POST ${file} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`;
    const last = `GET ${file} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(running.port, post + post + last)).map(({ status }) => status)).toEqual([503, 503, 503]);
    const [head, ...more] = await sendRaw(running.port, last.replace('GET', 'HEAD'));
    expect([head?.status, head?.body.length, more.length]).toEqual([503, 0, 0]);
    expect(Number(head?.headers['content-length'])).toBeGreaterThan(0);
  });

  it('refuses what is not HTTP as ever, and hangs up', async () => {
    await down({}, WORD);
    const bytes = `GET /${WORD} HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect((await sendRaw(running.port, bytes)).map(({ status }) => status)).toEqual([400]);
  });

  it('says so in health and metrics, and is ready for requests', async () => {
    expect((await get('/metrics')).body.toString()).toContain('parceler_maintenance 0');
    await down();
    for (const target of ['/up', '/health/live', '/health/ready']) {
      const { status, body } = await get(target, {});
      expect([status, JSON.parse(body.toString())]).toEqual([200, { status: 'maintenance' }]);
    }
    expect((await get('/metrics')).body.toString()).toContain('parceler_maintenance 1');
  });

  it('goes on as before when it is over', async () => {
    await down();
    await up();
    expect((await get()).body.toString()).toBe('content');
    expect(await statusOf(file, {})).toBe(401);
    expect(await statusOf('/')).toBe(404);
  });

  it('answers as the operator wants it, who may think again', async () => {
    await down({ status: 404, retryAfter: 120, refresh: 15 });
    expect(await get()).toMatchObject({ status: 404, headers: { 'retry-after': '120', refresh: '15' } });
    await down();
    const { status, headers } = await get();
    expect([status, headers['retry-after'], headers['refresh']]).toEqual([503, '60', undefined]);
  });

  it('sends elsewhere whoever only reads, but nobody to where he is', async () => {
    await down({ redirect: '/soon?x=1' });
    expect(await get()).toMatchObject({ status: 302, headers: { location: '/soon?x=1', 'content-length': '0' } });
    expect((await ask(running.port, file, { method: 'POST' })).status).toBe(503);
    expect([await statusOf('/soon?x=1'), await statusOf('/soon'), await statusOf('/up')]).toEqual([503, 503, 200]);
  });

  it.each([
    ['who sends nothing secret', {}, 302],
    ['who sends credentials', good, 503],
    ['who would send them on', { 'User-Agent': 'uclient-fetch' }, 503],
    ['who is there already', { Host: 'Status.example:8443' }, 503],
  ])('sends to another host only who has no secret with him: %s', async (_, headers, status) => {
    await down({ redirect: `https://status.example:8443${file}` });
    expect(await statusOf(file, headers)).toBe(status);
  });

  describe('with a word that lets in', () => {
    beforeEach(() => down({}, WORD));

    it('lets in who shows it in a header, as if there was no maintenance', async () => {
      expect((await get(file, { ...good, 'X-Parceler-Bypass': WORD })).body.toString()).toBe('content');
      expect(await statusOf(file, { 'X-Parceler-Bypass': WORD })).toBe(401);
      for (const word of [`${WORD}x`, WORD.toUpperCase(), '', `${WORD}, ${WORD}`]) {
        expect(await statusOf(file, { ...good, 'X-Parceler-Bypass': word })).toBe(503);
      }
    });

    it('gives who asks for it a cookie that nothing else can read, and a clean address', async () => {
      const { status, headers, body } = await get(`/${WORD}?x`, {});
      expect([status, body.length]).toEqual([302, 0]);
      expect(headers).toMatchObject({ location: '/', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      expect(headers['set-cookie']).toMatch(
        /^parceler_bypass=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
      );
      expect(JSON.stringify(headers)).not.toContain(WORD);
      expect((await get(file, await pass())).body.toString()).toBe('content');
      expect(await statusOf('/', await pass())).toBe(404);
    });

    it.each([`/${WORD}/`, `/${WORD}x`, `//${WORD}`, '/', `/x?${WORD}`])('does not take %s for it', async (target) => {
      expect((await get(target, {})).headers).not.toHaveProperty('set-cookie');
    });

    it('lets the cookie go over TLS alone where it came that way, which only a proxy of ours is believed', async () => {
      expect(await cookieOf({ 'X-Forwarded-Proto': 'https' })).toMatch(/; Secure$/);
      expect(await cookieOf({ 'X-Forwarded-Proto': 'http' })).not.toContain('Secure');
      await running.stop();
      running = await startApi({}, log);
      await down({}, WORD);
      expect(await cookieOf({ 'X-Forwarded-Proto': 'https' })).not.toContain('Secure');
    });

    it('lets nobody in by a cookie that was changed, or is of another word or another maintenance', async () => {
      const kept = await pass();
      const cookie = kept['Cookie'] ?? '';
      for (const other of [cookie.slice(0, -2), cookie.replace(/=\d/, '=9'), cookie.split('.')[0] ?? '']) {
        expect(await statusOf(file, { ...good, Cookie: other })).toBe(503);
      }
      await down({ retryAfter: 5 }, WORD); // the same maintenance
      expect(await statusOf(file, kept)).toBe(200);
      await down({}, `${WORD}-2`);
      expect(await statusOf(file, kept)).toBe(503);
      await down({}, WORD);
      expect(await statusOf(file, kept)).toBe(200);
      await up();
      await down({}, WORD); // another one
      expect(await statusOf(file, kept)).toBe(503);
    });

    it('writes the word nowhere: not to the log, not to the database', async () => {
      await pass();
      await get(file, { ...good, 'X-Parceler-Bypass': WORD });
      await get(`/${WORD}/x`);
      await up();
      await get(`/${WORD}`);
      const rows = await running.database.read(async (manager) => [
        await manager.query<unknown>('select * from audit'),
        await manager.query<unknown>('select * from installation'),
      ]);
      expect(JSON.stringify(rows)).toContain('begin-maintenance');
      expect(JSON.stringify([log.lines, rows])).not.toContain(WORD);
    });
  });
});
