import { Redis } from 'ioredis';

import { PostgresServer } from '#libs/persistence/testing/postgres-server.js';

import { bullHarness } from '../testing/bull-harness.js';
import { describeJobQueue } from '../testing/jobs.contract.js';
import { RedisServer } from '../testing/redis-server.js';
import { BullOnPostgres } from './bull-on-postgres.js';
import { BullOnRedis } from './bull-on-redis.js';

/** What would have run out by then has run out. */
const AGE = `
for _, key in ipairs(redis.call('keys', '*')) do
  local left = redis.call('pttl', key)
  if left >= 0 then redis.call('pexpire', key, left - ARGV[1]) end
end`;

describe('on Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url.href);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  describeJobQueue('BullQueue', async () => {
    await redis.flushall();
    const age = (milliseconds: number) => redis.eval(AGE, 0, milliseconds);
    return bullHarness({ server: new BullOnRedis(server.url), url: server.url, age });
  });
});

describe('on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.remove());

  describeJobQueue('BullQueue', async () => {
    const url = new URL(server.url(await server.create()));
    return bullHarness({ server: new BullOnPostgres(url), url, age: async () => undefined });
  });
});
