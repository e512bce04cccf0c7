import { AsyncLocalStorage } from 'node:async_hooks';

import { type DataSource, type EntityManager } from 'typeorm';

import { Mutex } from './mutex.js';

/**
 * The one way to the database.
 *
 * TypeORM shares a single better-sqlite3 connection between all callers, so two asynchronous transactions that overlap
 * on it lose committed rows without an error. Hence writes go one at a time through a connection of their own, and reads
 * have another, which sees the last committed state.
 */
export class Database {
  private readonly writing = new Mutex();
  private readonly insideWrite = new AsyncLocalStorage<true>();

  constructor(
    private readonly reader: DataSource,
    private readonly writer: DataSource,
    private readonly dialect: { readonly begin: string; readonly version: () => number },
  ) {}

  /** Inside a `write`, use the manager that was given to it instead: a read would not see its changes. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return work(this.reader.manager);
  }

  /**
   * Runs `work` in a transaction that holds the write lock from its first statement. `work` awaits nothing but the
   * database, and uses statements and query builders only: `save` and `remove` would begin a transaction of their own.
   */
  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.insideWrite.getStore()) throw new Error('a write inside a write would wait for itself');
    return this.writing.run(() => this.insideWrite.run(true, () => this.transact(work)));
  }

  /** Changes whenever anything was committed, by this process or another one; costs about a microsecond. */
  version(): number {
    return this.dialect.version();
  }

  async close(): Promise<void> {
    await this.writing.run(async () => {
      await this.writer.destroy();
      await this.reader.destroy();
    });
  }

  private async transact<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { manager } = this.writer;
    await manager.query(this.dialect.begin);
    try {
      const result = await work(manager);
      await manager.query('COMMIT');
      return result;
    } catch (error) {
      await manager.query('ROLLBACK').catch(() => undefined); // the first error is the one worth telling
      throw error;
    }
  }
}

export const DATABASE = Symbol('Database');
