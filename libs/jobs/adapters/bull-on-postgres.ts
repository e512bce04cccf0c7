import { createPostgresBackend, Queue, Worker, type PostgresConnectionOptions } from 'bullmq';
import { Client } from 'pg';

import { SECOND } from '#libs/kernel/duration.js';
import { AppError, messageOf } from '#libs/kernel/errors.js';
import { placeOf, withPlainMeaning } from '#libs/persistence/postgres/place.js';

import { QUEUE_NAME, QUEUE_OPTIONS, queueUnavailable, WORKER_OPTIONS, type BullServer } from './bull-server.js';

/** Beside our own tables, in the same database; BullMQ makes and migrates what is in it. */
const SCHEMA = 'parceler_jobs';

const PATIENCE_MS = 3 * SECOND;

/** BullMQ on the PostgreSQL that the main database is on. */
export class BullOnPostgres implements BullServer {
  readonly place: string;
  private readonly connectionString: string;
  private readonly connection: PostgresConnectionOptions;

  constructor(url: URL) {
    this.place = `PostgreSQL at ${placeOf(url.href).server}`;
    this.connectionString = withPlainMeaning(url.href);
    this.connection = { connectionString: this.connectionString, schema: SCHEMA, max: 2, migrate: true };
  }

  async inspect(): Promise<void> {
    const client = new Client({ connectionString: this.connectionString, connectionTimeoutMillis: PATIENCE_MS });
    client.on('error', () => undefined); // comes up at the question, too
    try {
      await client.connect();
      const { rows } = await client.query<{ replica: boolean }>('select pg_is_in_recovery() as replica');
      if (rows[0]?.replica === true) throw this.replica();
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw isDenial(error) ? this.denied() : queueUnavailable(this.place, messageOf(error));
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  newQueue(): Queue {
    const options = { ...QUEUE_OPTIONS, connection: this.connection };
    return new Queue(QUEUE_NAME, options, createPostgresBackend) as unknown as Queue;
  }

  newWorker(): Worker {
    const options = { ...WORKER_OPTIONS, connection: this.connection };
    return new Worker(QUEUE_NAME, undefined, options, createPostgresBackend) as unknown as Worker;
  }

  private replica(): AppError {
    return new AppError('conflict', 'QUEUE_UNFIT', `${this.place} is a replica, which cannot be written to.`, {
      hint: 'DATABASE_URL has to name the primary.',
    });
  }

  private denied(): AppError {
    return new AppError('denied', 'QUEUE_DENIED', `${this.place} does not let us in.`, {
      hint: 'Correct user and password in DATABASE_URL.',
    });
  }
}

/** Class 28 of the server's codes: invalid authorization. */
const isDenial = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('28');
