import { actor } from '#libs/kernel/actor.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { auditTable } from '#libs/persistence/audit.js';
import { DatabaseRunStore } from '#libs/syncing/adapters/database-run-store.js';

import { ask } from '../testing/raw-http.js';
import { basic, startApi, type RunningApi } from '../testing/running-api.js';

const TOKEN = 'canary-0123456789abcdef0123456789abcdef';
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const target = '/repository/debian/milestone';

describe('POST /repository/{repository}/milestone', () => {
  let running: RunningApi;
  const log = new RecordedLog();
  beforeAll(async () => {
    running = await startApi({ REPOSITORY_MILESTONE_TOKEN: TOKEN }, log);
    await running.addRepository('debian');
    await running.addRepository('community');
    await running.addSystem('one', 'enterprise', 'secret');
  });
  afterAll(() => running.stop());

  const post = async (
    path = target,
    options: { readonly headers?: Record<string, string>; readonly body?: string; readonly method?: string } = {},
  ) => {
    const { status, headers, body } = await ask(running.port, path, {
      method: 'POST',
      headers: bearer(TOKEN),
      ...options,
    });
    return { status, headers, body: body.toString() };
  };
  const runs = () => new DatabaseRunStore(running.database).list({});

  it('queues a milestone release, and joins the one that is open (I-30)', async () => {
    const first = await post();
    const [run] = await runs();
    expect([first.status, JSON.parse(first.body)]).toEqual([
      202,
      { message: 'The milestone release is queued.', run: run?.id },
    ]);
    expect(first.headers['cache-control']).toBe('no-store');
    expect(run).toMatchObject({ kind: 'milestone', requestedBy: 'api:milestone-token', milestone: { purge: false } });
    expect(JSON.parse((await post()).body)).toMatchObject({ run: run?.id });
    const audit = await running.database.read((manager) => manager.findBy(auditTable, { action: 'request-milestone' }));
    expect(audit.map(({ subject }) => subject)).toEqual(['repository:debian', 'repository:debian']);
  });

  it.each([
    ['the old name', '/repository/debian/release'],
    ['the plural', '/repositories/debian/milestone'],
    ['a query, which is not looked at', '/repository/debian/milestone?token=x'],
    ['a repository that is called like an edition', '/repository/community/milestone'],
  ])('answers below %s', async (_, path) => {
    expect((await post(path)).status).toBe(202);
  });

  it.each([
    ['no body', {}, undefined],
    ['a form, as curl -d sends it', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=b'],
    ['JSON that is none', { 'Content-Type': 'application/json' }, '{'],
    ['a type that nobody knows', { 'Content-Type': 'x/y; z' }, 'abc'],
  ])('does not care for %s', async (_, headers, body) => {
    const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
    const options = { headers: { ...bearer(TOKEN), ...headers, ...length }, ...(body === undefined ? {} : { body }) };
    expect((await post(target, options)).status).toBe(202);
  });

  it('takes no body of any size (T-137)', async () => {
    const body = 'x'.repeat(70_000);
    const { status } = await post(target, {
      headers: { ...bearer(TOKEN), 'Content-Length': String(body.length) },
      body,
    });
    expect(status).toBe(413);
  });

  it.each<[string, Record<string, string>]>([
    ['none', {}],
    ['another one', bearer('x'.repeat(TOKEN.length))],
    ['its beginning', bearer(TOKEN.slice(0, -1))],
    ['more than it', bearer(`${TOKEN}x`)],
    ['nothing behind the scheme', { Authorization: 'Bearer ' }],
    ['itself without a scheme', { Authorization: TOKEN }],
    ['another scheme', { Authorization: `Token ${TOKEN}` }],
    ["a system's credentials", basic('one', 'secret')],
  ])('refuses a token that is %s, with the challenge (T-142)', async (_, headers) => {
    const before = (await runs()).length;
    const { status, headers: answered, body } = await post(target, { headers });
    expect([status, answered['www-authenticate']]).toEqual([401, 'Bearer realm="Parceler"']);
    expect(JSON.parse(body)).toMatchObject({ code: 'TOKEN_REQUIRED' });
    expect(await runs()).toHaveLength(before);
  });

  it('takes the scheme in any case (T-142)', async () => {
    expect((await post(target, { headers: { Authorization: `bEARER ${TOKEN}` } })).status).toBe(202);
  });

  it('takes no token from the address (T-142)', async () => {
    expect((await post(`${target}?access_token=${TOKEN}`, { headers: {} })).status).toBe(401);
  });

  it.each([
    ['is not there', '/repository/none/milestone', 'REPOSITORY_NOT_FOUND'],
    ['has no possible name', '/repository/No%20Name/milestone', 'REPOSITORY_NOT_FOUND'],
    ['is something else', '/repository/debian/other', 'NOT_FOUND'],
    ['goes on behind it', '/repository/debian/milestone/', 'NOT_FOUND'],
  ])('knows no repository that %s', async (_, path, code) => {
    const { status, body } = await post(path);
    expect([status, (JSON.parse(body) as { code: string }).code]).toEqual([404, code]);
  });

  it('refuses for a frozen repository (I-11)', async () => {
    await running.addRepository('frozen');
    const snapshot = await running.publish('frozen', { file: 'x' });
    const freeze = { snapshot, at: new Date(), reason: undefined, until: undefined };
    await running.repositories.freeze(repositoryName('frozen'), freeze, { actor: actor('cli', 'test') });
    const { status, body } = await post('/repository/frozen/milestone');
    expect([status, (JSON.parse(body) as { code: string }).code]).toEqual([409, 'REPOSITORY_FROZEN']);
  });

  it('is for POST alone', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await post(target, { method })).status).toBe(404);
    const file = await post('/repository/enterprise/debian/milestone');
    expect([file.status, file.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('tells nobody the token (I-20)', () => {
    expect(JSON.stringify(log.lines)).not.toContain('canary');
  });
});

it('is not there without a token (T-142)', async () => {
  const running = await startApi();
  await running.addRepository('debian');
  const answers = [{}, bearer(''), bearer(TOKEN)].map((headers) =>
    ask(running.port, target, { method: 'POST', headers }),
  );
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([404, 404, 404]);
  await running.stop();
});
