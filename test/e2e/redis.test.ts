import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { RedisServer } from '#libs/jobs/testing/redis-server.js';
import { freePort } from '#libs/kernel/testing/free-port.js';
import { until } from '#libs/kernel/testing/until.js';

import { hoursLater } from '../support/moved-clock.js';
import { Parceler } from '../support/parceler.js';

jest.setTimeout(120_000);

/** What the queue promises (`libs/jobs/job-queue.ts`). */
const TAKEN_UP_WITHIN_SECONDS = 45;
const SECRET = 'canary-71c0';

interface Run {
  readonly state: string;
  readonly step: string | null;
  readonly attempt: number;
}

const childrenOf = (pid = 0): readonly number[] =>
  readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);

describe('Parceler on Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  let parceler: Parceler;
  beforeAll(async () => {
    server = await RedisServer.start({ password: SECRET });
    redis = new Redis(server.url.href);
    parceler = await Parceler.create({
      QUEUE_CONNECTION: 'redis',
      CACHE_STORE: 'redis',
      REDIS_URL: server.url.href,
      ENTERPRISE_ENDPOINT: `http://127.0.0.1:${String(await freePort())}/licence`,
    });
    parceler.must('repository:create', '--name', 'feed', '--delay', '0', '--no-sync', '--command', SYNC);
  });
  afterAll(async () => {
    await parceler.dispose();
    redis.disconnect();
    await server.stop();
  });

  /** The first attempt of a run never ends when there is a file `stuck`. */
  const SYNC = 'cd "$SOURCE_DIR"; date +%N > a; if [ -e ../../stuck ]; then rm ../../stuck; sleep 600; fi';
  const run = (id: number): Run => parceler.json<Run>('run:show', String(id));

  it('syncs and serves, and keeps ids in Redis and nothing else (I-20)', async () => {
    const secret = parceler.must('system:add', 'one', '--edition', 'community').trim().split(/\s+/).at(-1) ?? '';
    const services = await parceler.serve();
    parceler.must('repository:sync', 'feed', '--wait');
    const answer = await fetch(`${parceler.origin}/repository/community/feed/a`, {
      headers: { authorization: `Basic ${btoa(`one:${secret}`)}` },
    });
    expect(answer.status).toBe(200);
    const keys = await redis.keys('*');
    const jobs = await Promise.all(
      keys.filter((key) => /:j[0-9a-f]{12}$/.test(key)).map((key) => redis.hget(key, 'data')),
    );
    expect(jobs).toContain('{"run":1}');
    expect(new Set(jobs)).toEqual(new Set(['{"run":1}', 'null']));
    await parceler.stop(services);
    expect(parceler.output).not.toContain(SECRET);
    expect(parceler.output).not.toContain('"level":"error"');
  });

  it('takes up the run of a worker that was killed with -9 (T-02)', async () => {
    writeFileSync(join(parceler.storage, 'disk', 'stuck'), '');
    parceler.must('repository:sync', 'feed');
    const first = await parceler.serve({ only: 'worker' });
    await until(() => run(2).step === 'syncing');
    for (const pid of childrenOf(first.pid)) process.kill(pid, 'SIGKILL');
    await parceler.stop(first, 'SIGKILL');
    const second = await parceler.serve({ only: 'worker' });
    await until(() => run(2).state === 'succeeded', TAKEN_UP_WITHIN_SECONDS);
    expect(run(2).attempt).toBe(2);
    await parceler.stop(second);
  });

  it('keeps what the licence authority said in Redis, through a restart, until it is forgotten (T-116, I-24)', async () => {
    const authority = createServer((_, response) => response.end('{}'));
    authority.listen(Number(new URL(parceler.environment['ENTERPRISE_ENDPOINT'] ?? '').port), '127.0.0.1');
    await once(authority, 'listening');
    const status = async (): Promise<number> => {
      const authorization = `Basic ${btoa('canary-system:canary-licence')}`;
      return (await fetch(`${parceler.origin}/repository/enterprise/feed/a`, { headers: { authorization } })).status;
    };
    const before = await parceler.serve({ only: 'api' });
    expect(await status()).toBe(200);
    await parceler.stop(before);
    authority.close();
    expect(await redis.keys('parceler:verdict:*')).toHaveLength(1);
    expect(JSON.stringify(await redis.keys('*'))).not.toContain('canary');

    const after = await parceler.serve({ only: 'api' });
    expect(await status()).toBe(200);
    parceler.must('system:forget', 'canary-system');
    expect(await status()).toBe(503);
    await parceler.stop(after);
  });

  it('queues again what was lost with everything in Redis (T-53, I-14)', async () => {
    parceler.must('repository:sync', 'feed');
    await redis.flushall();
    const idle = await parceler.serve({ only: 'worker' });
    await parceler.stop(idle);
    expect(run(3).state).toBe('queued'); // nobody was woken
    await parceler.serve({ only: 'scheduler,worker', env: hoursLater(1) }); // a run that waits half a minute is looked after
    await until(() => run(3).state === 'succeeded');
    await parceler.stopAll();
  });

  it('keeps a run that is asked for while Redis is away, and says what commands need it (T-52)', async () => {
    const env = { REDIS_URL: `redis://:${SECRET}@127.0.0.1:${String(await freePort())}` };
    const asked = parceler.run(['repository:sync', 'feed'], { env });
    expect(asked.status).toBe(0);
    expect(run(4).state).toBe('queued');
    const failed = parceler.run(['queue:failed'], { env });
    expect(failed).toMatchObject({
      status: 6,
      stdout: '',
      stderr: expect.stringContaining('(QUEUE_UNAVAILABLE)') as string,
    });
    expect(asked.stderr + failed.stderr).not.toContain(SECRET);
  });
});
