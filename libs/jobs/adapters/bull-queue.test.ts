import { join } from 'node:path';

import { Redis } from 'ioredis';

import { bundleProgram } from '#libs/kernel/testing/bundle-program.js';
import { silentLog } from '#libs/observability/log.js';

import { describeJobQueue } from '../testing/jobs.contract.js';
import { moveDateAhead } from '../testing/move-date-ahead.js';
import { type QueueHarness } from '../testing/queue-harness.js';
import { RedisServer } from '../testing/redis-server.js';
import { BullOnRedis } from './bull-on-redis.js';
import { BullQueue } from './bull-queue.js';
import { LEASE_MS } from './bull-server.js';

const program = bundleProgram(join(__dirname, '../testing/bull-worker.program.ts'));

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
  afterEach(() => {
    moveDateAhead(0);
  });

  async function makeHarness(): Promise<QueueHarness> {
    await redis.flushall();
    const bull = new BullOnRedis(server.url);
    const standby = bull.newWorker();
    const opened: BullQueue[] = [];
    let aheadMs = 0;
    return {
      open: () => {
        const queue = new BullQueue(bull, silentLog);
        opened.push(queue);
        return queue;
      },
      advance: async (milliseconds) => {
        aheadMs += milliseconds;
        moveDateAhead(aheadMs);
        for (let half = 0; half < 2; half += 1) {
          await redis.eval(AGE, 0, Math.ceil(milliseconds / 2));
          await standby.getBackend().moveStalledJobsToWait(); // living workers look all the time
        }
      },
      leaseMs: LEASE_MS,
      workerCommand: () => ({ ...program, args: [server.url.href, String(aheadMs)] }),
      close: async () => {
        await Promise.all(opened.map((queue) => queue.close()));
        await standby.getBackend().close(true);
      },
    };
  }

  describeJobQueue('BullQueue', makeHarness);
});
