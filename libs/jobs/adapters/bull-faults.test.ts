import { Redis } from 'ioredis';

import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { PostgresServer } from '#libs/persistence/testing/postgres-server.js';
import { freePort } from '#libs/kernel/testing/free-port.js';
import { until } from '#libs/kernel/testing/until.js';

import { type JobQueue } from '../job-queue.js';
import { heldJob, plainJob } from '../testing/contract-jobs.js';
import { handler, type Handle } from '../testing/queue-harness.js';
import { RedisServer, type RedisServerOptions } from '../testing/redis-server.js';
import { BullOnPostgres } from './bull-on-postgres.js';
import { BullOnRedis } from './bull-on-redis.js';
import { BullQueue } from './bull-queue.js';
import { whyUnfit } from './inspect-redis.js';

const SECRET = 'canary-5f1b';
const withPassword = (url: URL, password: string): URL => Object.assign(new URL(url), { password });

describe('BullQueue when Redis fails it', () => {
  const servers: RedisServer[] = [];
  const queues: JobQueue[] = [];
  const unhandled: unknown[] = [];
  const note = (reason: unknown): number => unhandled.push(reason);
  let log: RecordedLog;

  const started = async (options: RedisServerOptions = {}): Promise<RedisServer> => {
    const server = await RedisServer.start(options);
    servers.push(server);
    return server;
  };
  const open = (url: URL): BullQueue => {
    const queue = new BullQueue(new BullOnRedis(url), log);
    queues.push(queue);
    return queue;
  };
  const said = (): readonly string[] => log.lines.map(({ message }) => message);
  /** Works on `plainJob`, and keeps what it was given. */
  const working = (queue: JobQueue): readonly string[] => {
    const done: string[] = [];
    queue.work([handler(plainJob, async (data) => void done.push(data))], { concurrency: 2 });
    return done;
  };

  beforeAll(() => {
    process.on('unhandledRejection', note);
  });
  afterAll(() => {
    process.off('unhandledRejection', note);
  });
  beforeEach(() => {
    log = new RecordedLog();
  });
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    await new Promise(setImmediate);
    expect(unhandled.splice(0)).toEqual([]);
    expect(JSON.stringify(log.lines)).not.toContain(SECRET);
  });

  it('says at once in a sentence that it is away, and works as soon as it is there (T-52)', async () => {
    const port = await freePort();
    const queue = open(new URL(`redis://:${SECRET}@127.0.0.1:${String(port)}/3`));
    await queue.check();
    const done = working(queue);
    await expect(queue.add(plainJob, 'a')).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'QUEUE_UNAVAILABLE',
      message: `The job queue on Redis at 127.0.0.1:${String(port)} cannot be used now: connect ECONNREFUSED 127.0.0.1:${String(port)}.`,
    });
    await started({ port, password: SECRET });
    await queue.add(plainJob, 'b');
    await until(() => done.length === 1);
    expect(done).toEqual(['b']);
    expect(said()).toEqual(['job queue not reachable', 'job queue not reachable', 'job queue reachable again']);
  });

  it('goes on after Redis was restarted empty; a running job is not disturbed, and told of once (T-53)', async () => {
    const server = await started();
    const queue = open(server.url);
    let finish = (): void => undefined;
    let signal: AbortSignal | undefined;
    const hold: Handle = (_, context) => {
      ({ signal } = context);
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const done: string[] = [];
    const plain = handler(plainJob, async (data) => void done.push(data));
    queue.work([plain, handler(heldJob, hold)], { concurrency: 2 });
    await queue.add(heldJob, 'held');
    await until(() => signal !== undefined);

    await server.stop();
    await started({ port: server.port });
    await until(() => log.of('job queue has lost a job that goes on').length === 1);
    await queue.add(plainJob, 'after');
    await until(() => done.length === 1);
    expect(signal?.aborted).toBe(false);
    finish();
    await queue.close();
    expect(log.of('job queue has lost a job that goes on')).toMatchObject([{ job: 'contract.held' }]);
    expect(said().length).toBeLessThanOrEqual(3);
  });

  it('takes up its work again when its connections are cut', async () => {
    const server = await started();
    const queue = open(server.url);
    const done = working(queue);
    const admin = new Redis(server.url.href);
    for (const data of ['a', 'b', 'c']) {
      await queue.add(plainJob, data);
      await until(() => done.includes(data));
      await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }
    admin.disconnect();
    expect(said().length).toBeLessThanOrEqual(6);
  });

  it('keeps nobody waiting for longer than 3 s when it stands still, also those who stop (T-52)', async () => {
    const server = await started();
    const queue = open(server.url);
    working(queue);
    await queue.add(plainJob, 'a');
    server.signal('SIGSTOP');
    const began = performance.now();
    await expect(queue.add(plainJob, 'b')).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(performance.now() - began).toBeLessThan(4_500);
    await queue.close();
    expect(performance.now() - began).toBeLessThan(15_000);
    server.signal('SIGCONT');
  });

  it.each<[string, RedisServerOptions, string]>([
    ['that evicts (T-54)', { maxmemoryPolicy: 'allkeys-lru' }, 'may throw jobs away when its memory is full'],
    ['that is a replica', { replicaOf: new URL('redis://127.0.0.1:1') }, 'is a replica, which cannot be written to'],
  ])('refuses one %s before any work', async (_, options, why) => {
    const server = await started(options);
    const queue = open(server.url);
    const refusal = { kind: 'conflict', code: 'QUEUE_UNFIT', message: expect.stringContaining(why) as string };
    await expect(queue.check()).rejects.toMatchObject(refusal);
    await expect(queue.add(plainJob, 'a')).rejects.toMatchObject(refusal);
  });

  it.each(['', 'wrong-5f1b'])('says that the password "%s" is not accepted, and not what it is', async (password) => {
    const server = await started({ password: SECRET });
    await expect(open(withPassword(server.url, password)).check()).rejects.toMatchObject({
      kind: 'denied',
      code: 'QUEUE_DENIED',
      message: expect.not.stringContaining('5f1b') as string,
    });
  });

  it.each([
    ['5.0.14', 'is version 5.0.14, which is too old'],
    ['6.0.16', 'is version 6.0.16, which is too old'],
    ['6.2.0', undefined],
    ['7.0.15', undefined],
    ['10.0.0', undefined],
  ])('looks at the version %s', (version, why) => {
    expect(whyUnfit(new Map([['redis_version', version]]))?.why).toBe(why);
  });
});

describe('BullQueue when PostgreSQL fails it', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.remove());

  it('goes on after the server was away, and says so once (T-52)', async () => {
    const url = withPassword(new URL(server.url(await server.create())), SECRET);
    const log = new RecordedLog();
    const queue = new BullQueue(new BullOnPostgres(url), log);
    const done: string[] = [];
    queue.work([handler(plainJob, async (data) => void done.push(data))], { concurrency: 2 });
    await queue.add(plainJob, 'before');
    await until(() => done.length === 1);
    await server.stop('immediate');
    await expect(queue.add(plainJob, 'lost')).rejects.toMatchObject({ kind: 'unavailable', code: 'QUEUE_UNAVAILABLE' });
    await server.start();
    await until(() => queue.add(plainJob, 'after').then(...yesOrNo));
    await until(() => done.includes('after'));
    await queue.close();
    expect(log.lines.length).toBeLessThanOrEqual(4);
    expect(JSON.stringify(log.lines)).not.toContain(SECRET);
  });

  it('refuses a user that it does not know', async () => {
    const url = Object.assign(new URL(server.url(await server.create())), { username: 'stranger' });
    await expect(new BullQueue(new BullOnPostgres(url), new RecordedLog()).check()).rejects.toMatchObject({
      code: 'QUEUE_DENIED',
    });
  });
});

const yesOrNo = [() => true, () => false] as const;
