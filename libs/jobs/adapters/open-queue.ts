import { type Config } from '#libs/config/config.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type Log } from '#libs/observability/log.js';

import { type JobQueue } from '../job-queue.js';

/** The queue that is configured. What the others are made of is not loaded: it would cost each command half a second. */
export async function openQueue(queue: Config['queue'], clock: Clock, log: Log): Promise<JobQueue> {
  if (queue.driver === 'file') {
    const { EmbeddedQueue } = await import('./embedded-queue.js');
    return new EmbeddedQueue(queue.file, { clock, log });
  }
  const { BullQueue } = await import('./bull-queue.js');
  const url = queue.url.reveal();
  if (queue.driver === 'redis') {
    const { BullOnRedis } = await import('./bull-on-redis.js');
    return new BullQueue(new BullOnRedis(url), log);
  }
  const { BullOnPostgres } = await import('./bull-on-postgres.js');
  return new BullQueue(new BullOnPostgres(url), log);
}
