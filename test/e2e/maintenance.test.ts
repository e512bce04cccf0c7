import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { RedisServer } from '#libs/jobs/testing/redis-server.js';
import { freePort } from '#libs/kernel/testing/free-port.js';
import { until } from '#libs/kernel/testing/until.js';
import { PostgresServer } from '#libs/persistence/testing/postgres-server.js';

import { Parceler } from '../support/parceler.js';

jest.setTimeout(90_000);

const WORD = 'canary-open-sesame';
const SECRET = 'canary-of-the-box';
const CREDENTIALS = { Authorization: `Basic ${Buffer.from(`box:${SECRET}`).toString('base64')}` };

interface Run {
  readonly id: number;
  readonly repository: string;
  readonly state: string;
}

describe('a maintenance (T-143)', () => {
  let parceler: Parceler;
  let origins: readonly string[];
  let otherPort: string;
  let servers: readonly { stop(): Promise<void> }[];
  beforeEach(() => {
    servers = [];
  });
  afterEach(async () => {
    await parceler.dispose();
    for (const server of servers) await server.stop();
  });

  const onServers = async (): Promise<Readonly<Record<string, string>>> => {
    const [postgres, redis] = [await PostgresServer.start(), await RedisServer.start()];
    servers = [redis, { stop: () => postgres.remove() }];
    const databaseUrl = postgres.url(await postgres.create());
    return {
      DB_CONNECTION: 'postgres',
      DATABASE_URL: databaseUrl,
      QUEUE_CONNECTION: 'redis',
      REDIS_URL: redis.url.href,
    };
  };

  /** With two repositories, of which the first is served. */
  const begin = async (environment: Readonly<Record<string, string>> = {}): Promise<void> => {
    parceler = await Parceler.create({ LOG_LEVEL: 'debug', ...environment });
    otherPort = String(await freePort());
    origins = [parceler.origin, `http://127.0.0.1:${otherPort}`];
    for (const name of ['feed', 'other']) {
      // While there is a file "hold" beside the storage, a sync takes until there is a file "go".
      const hold = `cd "${parceler.folder}"; if [ -e hold ]; then touch begun; while [ ! -e go ]; do sleep 0.05; done; fi`;
      const command = `(${hold}); date +%s%N > "$SOURCE_DIR/a"`;
      parceler.must('repository:create', '--name', name, '--delay', '0', '--no-sync', '--command', command);
    }
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: SECRET });
    await serve();
    parceler.must('repository:sync', 'feed', '--wait');
  };

  /** Two apis, a scheduler and a worker. */
  const serve = async (): Promise<void> => {
    await parceler.serve();
    await parceler.serve({ only: 'api', env: { PORT: otherPort } });
    await until(async () => (await fetch(`${origins[1] ?? ''}/up`).catch(() => undefined))?.ok === true);
  };
  const get = (path: string, headers: Readonly<Record<string, string>> = {}, [origin = ''] = origins) =>
    fetch(`${origin}${path}`, { headers: { ...CREDENTIALS, ...headers }, redirect: 'manual' });
  const statuses = async (headers: Readonly<Record<string, string>> = {}): Promise<readonly number[]> =>
    Promise.all(origins.map(async (origin) => (await get('/repository/community/feed/a', headers, [origin])).status));
  /** All processes see a change within a second of the command's end. */
  const within = async (expected: number): Promise<void> => {
    await until(async () => (await statuses()).every((status) => status === expected), 1);
  };
  const stateOf = (id: number): string => parceler.json<Run>('run:show', String(id)).state;
  const runOf = (name: string): Run | undefined =>
    parceler.json<readonly Run[]>('run:list').find(({ repository }) => repository === name);
  const hold = (): void => writeFileSync(join(parceler.folder, 'hold'), '');
  const letGo = (): void => writeFileSync(join(parceler.folder, 'go'), '');
  const hasBegun = () => until(() => existsSync(join(parceler.folder, 'begun')));

  it.each([
    ['a machine', async () => ({})],
    ['PostgreSQL and Redis', onServers],
  ])(
    'stops every process on %s within a second; what runs ends, what waits stays, until it is over',
    async (_, place) => {
      await begin(await place());
      expect(await statuses()).toEqual([200, 200]);
      hold();
      parceler.must('repository:sync', 'feed');
      await hasBegun();
      const running = runOf('feed')?.id ?? 0;
      const said = parceler.must('down', '--retry', '5');
      expect(said).toContain(`Run ${String(running)} of feed is brought to its end.`);
      await within(503);
      const answer = await get('/repository/community/feed/a');
      expect([answer.headers.get('retry-after'), await answer.json()]).toMatchObject(['5', { code: 'MAINTENANCE' }]);

      const { status, stderr } = parceler.run(['repository:sync', 'other']);
      expect([status, stderr]).toEqual([
        0,
        expect.stringMatching(/^warning: down for maintenance since .*parceler up/),
      ]);
      const waiting = runOf('other')?.id ?? 0;
      letGo();
      await until(() => stateOf(running) === 'succeeded');
      expect(stateOf(waiting)).toBe('queued');
      expect(parceler.must('doctor')).toMatch(/^warning +maintenance +Down since/m);

      expect(parceler.must('up')).toMatch(/^Up again/);
      await within(200);
      await until(() => stateOf(waiting) === 'succeeded');
      expect(parceler.must('up')).toContain('was not down');
    },
  );

  it('survives a restart, in which health goes on; jobs are done where they are forced', async () => {
    await begin();
    parceler.must('down');
    await within(503);
    parceler.must('repository:sync', 'other');
    await parceler.stopAll();
    await serve(); // gets ready: a load balancer goes on sending
    expect(await statuses()).toEqual([503, 503]);
    for (const path of ['/up', '/health/live', '/health/ready']) {
      const answer = await get(path);
      expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'maintenance' }]);
    }
    const waiting = runOf('other')?.id ?? 0;
    const { status, stderr } = parceler.run(['queue:work', '--once']);
    expect([status, stderr]).toEqual([6, expect.stringContaining('(NOTHING_BEGINS)')]);
    expect(stateOf(waiting)).toBe('queued');
    parceler.must('queue:work', '--once', '--force');
    expect(stateOf(waiting)).toBe('succeeded');
    expect(await statuses()).toEqual([503, 503]);
  });

  it('lets in by a word, in every process and for this time only, and nobody writes the word down', async () => {
    await begin();
    const printed = [parceler.must('down', '--secret', WORD, '--redirect', '/soon')];
    await until(async () => (await statuses()).every((status) => status === 302), 1);
    const letIn = await get(`/${WORD}`);
    expect([letIn.status, letIn.headers.get('location')]).toEqual([302, '/']);
    const Cookie = letIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await statuses({ Cookie })).toEqual([200, 200]);
    expect(await statuses({ 'X-Parceler-Bypass': WORD })).toEqual([200, 200]);
    expect(await statuses({ 'X-Parceler-Bypass': `${WORD}x`, Cookie: `${Cookie}x` })).toEqual([302, 302]);
    parceler.must('up');
    await within(200);
    expect((await get(`/${WORD}`)).status).toBe(404);

    parceler.must('down', '--secret', WORD);
    await within(503);
    expect(await statuses({ Cookie })).toEqual([503, 503]);

    printed.push(parceler.must('doctor', '--json'), parceler.must('config:check'));
    await parceler.stopAll();
    expect(parceler.output).toContain('maintenance is on');
    expect(parceler.output + printed.join()).not.toContain(WORD);
    for (const file of readdirSync(parceler.storage).filter((name) => name.includes('.sqlite'))) {
      expect(readFileSync(join(parceler.storage, file), 'latin1')).not.toContain(WORD);
    }
  });
});
