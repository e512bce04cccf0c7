import { AsyncLocalStorage } from 'node:async_hooks';

import { type EntityManager } from 'typeorm';

import { AppError } from '#libs/kernel/errors.js';
import { token } from '#libs/kernel/provider.js';

import { type DatabaseEngine } from './database-engine.js';
import { migrations } from './migrations/all.js';
import { Mutex } from './mutex.js';

/**
 * The one way to the database.
 *
 * TypeORM shares a single better-sqlite3 connection between all callers, so two asynchronous transactions that overlap
 * on it lose committed rows without an error. Hence writes go one at a time through a connection of their own, and reads
 * have another, which sees the last committed state.
 *
 * Failures that are not the statement's fault (busy, full, unreadable…) come as an AppError of the kind `unavailable`.
 */
export class Database {
  private readonly writing = new Mutex();
  private readonly transaction = new AsyncLocalStorage<Transaction>();
  private closing: Promise<void> | undefined;

  constructor(private readonly engine: DatabaseEngine) {}

  /** The names of the migrations that had to be run when it was opened. */
  get migrated(): readonly string[] {
    return this.engine.migrated;
  }

  /** Where it is, as an operator knows it. */
  get place(): string {
    return this.engine.place;
  }

  /** Whether it was empty when it was opened. */
  get isNew(): boolean {
    return this.migrated.includes(migrations[0]?.name ?? '');
  }

  /** Inside a `write` it sees what that one has changed so far. */
  async read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { manager } = this.joinable() ?? this.engine.reader;
    try {
      return await work(manager);
    } catch (error) {
      throw this.engine.explain(error);
    }
  }

  /**
   * Runs `work` in a transaction that holds the write lock from its first statement. `work` awaits nothing but the
   * database, and uses statements and query builders only: `save` and `remove` would begin a transaction of their own.
   *
   * A write inside a write is a part of it, so that several stores can change together: if any part fails, nothing of
   * the whole remains, even where the failure was caught in between.
   */
  async write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const outer = this.joinable();
    if (outer !== undefined) return joined(outer, work);
    try {
      return await this.writing.run(() => this.engine.transact((manager) => this.whole(manager, work)));
    } catch (error) {
      throw this.engine.explain(error);
    }
  }

  /** As `read`, and `work` sees one state of the database, whatever is committed meanwhile; it may take its time. */
  async readAtOnce<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.engine.readAtOnce(work);
    } catch (error) {
      throw this.engine.explain(error);
    }
  }

  /** Changes whenever anything was committed, by this process or another one; costs about a microsecond. */
  version(): number {
    return this.engine.version();
  }

  /**
   * False when the database was moved, replaced or deleted under this process (trust T-83). Then what is read is what
   * once was, every write is refused. Costs two microseconds.
   */
  stillOurs(): boolean {
    return this.engine.stillOurs();
  }

  /**
   * True when there is another database in the place of the one that this process has open, so that it had better be
   * started anew. While there is none it had better not: what can still be read goes on being served.
   */
  isReplaced(): boolean {
    return this.engine.isReplaced();
  }

  /**
   * Looks through the whole database for damage, and describes the first that it finds. Reads everything: for `doctor`,
   * not for a start, where opening and reading the schema already refuse what is plainly no database.
   */
  findDamage(): Promise<string | undefined> {
    return this.engine.findDamage();
  }

  /** Lets the writes that were asked for end first. */
  close(): Promise<void> {
    this.closing ??= this.writing.run(() => this.engine.close());
    return this.closing;
  }

  private async whole<T>(manager: EntityManager, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const transaction: Transaction = { manager, failures: [], isOver: false };
    try {
      const result = await this.transaction.run(transaction, () => work(manager));
      if (transaction.failures.length > 0) throw transaction.failures[0];
      return result;
    } finally {
      transaction.isOver = true;
    }
  }

  /** The transaction that the caller is a part of. */
  private joinable(): Transaction | undefined {
    const transaction = this.transaction.getStore();
    if (transaction?.isOver === false) return transaction;
    if (this.closing) throw new AppError('unavailable', 'DATABASE_CLOSED', 'The database is closed already.');
    return undefined;
  }
}

interface Transaction {
  readonly manager: EntityManager;
  /** Of the parts that failed. */
  readonly failures: unknown[];
  /** What it has begun and not waited for is no part of it any more. */
  isOver: boolean;
}

async function joined<T>({ manager, failures }: Transaction, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  try {
    return await work(manager);
  } catch (error) {
    failures.push(error);
    throw error;
  }
}

export const DATABASE = token<Database>('Database');
