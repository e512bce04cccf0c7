import { randomBytes } from 'node:crypto';

import { Redis } from 'ioredis';

import { RedisServer } from '#libs/jobs/testing/redis-server.js';
import { PostgresServer } from '#libs/persistence/testing/postgres-server.js';
import { newSwiftDisk } from '#libs/storage/testing/swift-disk.js';
import { type Disk } from '#libs/storage/disk.js';
import { SwiftServer } from '#libs/storage/testing/swift-server.js';

/** What many machines share: a PostgreSQL, a Redis and a bucket, all of them real servers. */
export class SharedServices {
  private constructor(
    private readonly postgres: PostgresServer,
    private readonly redis: RedisServer,
    private readonly swift: SwiftServer,
    /** Where content is kept. */
    readonly disk: Disk,
    /** For each process of the installation. */
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(): Promise<SharedServices> {
    const [postgres, redis, swift] = await Promise.all([
      PostgresServer.start(),
      RedisServer.start(),
      SwiftServer.start(),
    ]);
    const disk = await newSwiftDisk(swift);
    const { endpoint, accessKeyId, secretAccessKey } = swift.account;
    return new SharedServices(postgres, redis, swift, disk, {
      APP_KEY: randomBytes(32).toString('base64'),
      ...{ DB_CONNECTION: 'postgres', DATABASE_URL: postgres.url(await postgres.create()) },
      ...{ QUEUE_CONNECTION: 'redis', CACHE_STORE: 'redis', REDIS_URL: redis.url.href },
      ...{ FILESYSTEM_DISK: 's3', AWS_BUCKET: disk.bucket.name, AWS_ENDPOINT: endpoint.href },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    });
  }

  /** What an operator does who means well. */
  async flushRedis(): Promise<void> {
    const client = new Redis(this.redis.url.href, { lazyConnect: true });
    await client.connect();
    await client.flushall();
    client.disconnect();
  }

  async stop(): Promise<void> {
    await Promise.all([this.postgres.remove(), this.redis.stop(), this.swift.stop()]);
  }
}
