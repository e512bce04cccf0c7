import { Queue, Worker, type RedisOptions } from 'bullmq';

import { redisAddressOf } from '#libs/config/redis-address.js';
import { SECOND } from '#libs/kernel/duration.js';

import { QUEUE_NAME, QUEUE_OPTIONS, WORKER_OPTIONS, type BullServer } from './bull-server.js';
import { DISCONNECT_MS, inspectRedis, placeOf } from './inspect-redis.js';

/** Two installations may share a Redis, each with a database of its own: the number at the end of the address. */
const PREFIX = 'parceler';

const LONGEST_PAUSE_MS = 2 * SECOND;

/** BullMQ on a Redis, which may lose everything at any time: open work stands in the database. */
export class BullOnRedis implements BullServer {
  readonly place: string;
  private readonly connection: RedisOptions;

  constructor(private readonly url: URL) {
    this.place = placeOf(url);
    this.connection = {
      ...redisAddressOf(url),
      retryStrategy: (times) => Math.min(times * 100, LONGEST_PAUSE_MS),
      maxRetriesPerRequest: null,
      disconnectTimeout: DISCONNECT_MS,
      skipVersionCheck: true, // `inspect` is stricter, and does not write to the console
    };
  }

  inspect(): Promise<void> {
    return inspectRedis(this.url);
  }

  newQueue(): Queue {
    return new Queue(QUEUE_NAME, { ...QUEUE_OPTIONS, connection: this.connection, prefix: PREFIX });
  }

  newWorker(): Worker {
    return new Worker(QUEUE_NAME, undefined, { ...WORKER_OPTIONS, connection: this.connection, prefix: PREFIX });
  }
}
