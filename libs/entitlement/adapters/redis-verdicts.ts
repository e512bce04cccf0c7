import { Redis } from 'ioredis';

import { redisAddressOf } from '#libs/config/redis-address.js';
import { SECOND } from '#libs/kernel/duration.js';
import { AppError, messageOf } from '#libs/kernel/errors.js';

/** A request waits for no answer of Redis longer than that, and then for none at all for a moment. */
const PATIENCE_MS = 500;
const REST_MS = 2 * SECOND;
const LONGEST_PAUSE_MS = 2 * SECOND;

/**
 * Redis, as a store that may be away: it answers soon or not at all. While it stands still one question in two seconds
 * waits for it, so that who asks goes on to the licence authority, as with an empty store.
 */
export class RedisVerdicts {
  private readonly redis: Redis;
  private restsUntil = -Infinity;

  constructor(private readonly url: URL) {
    this.redis = new Redis({
      ...redisAddressOf(url),
      lazyConnect: true,
      connectTimeout: PATIENCE_MS,
      commandTimeout: PATIENCE_MS,
      disconnectTimeout: PATIENCE_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * 100, LONGEST_PAUSE_MS),
    });
    this.redis.on('error', () => undefined); // whoever asks something is told
  }

  /** @throws AppError `VERDICT_STORE_UNAVAILABLE`, which shows nothing of the address but host and port */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    if (performance.now() < this.restsUntil) throw this.unavailable('it gave no answer a moment ago');
    try {
      return await question(this.redis);
    } catch (error) {
      this.restsUntil = performance.now() + REST_MS;
      throw this.unavailable(messageOf(error));
    }
  }

  close(): void {
    this.redis.disconnect();
  }

  private unavailable(reason: string): AppError {
    const { hostname, port } = this.url;
    const place = `${hostname}:${port === '' ? '6379' : port}`;
    return new AppError(
      'unavailable',
      'VERDICT_STORE_UNAVAILABLE',
      `The cache of verdicts on Redis at ${place} cannot be used now: ${reason}.`,
      { hint: 'Serving goes on without it; start Redis, or correct REDIS_URL.' },
    );
  }
}
