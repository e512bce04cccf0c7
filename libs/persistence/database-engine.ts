import { type DataSource, type EntityManager } from 'typeorm';

/** What `Database` asks of a kind of database. */
export interface DatabaseEngine {
  /** Sees what was committed, and cannot write. */
  readonly reader: DataSource;
  /** Where it is, as an operator knows it. */
  readonly place: string;
  /** The migrations that had to be run when it was opened. */
  readonly migrated: readonly string[];
  /**
   * Runs `work` in a transaction that holds the write lock from its beginning, and undoes it when `work` throws. It waits
   * for other processes a bounded time, without keeping this one busy. Called once at a time.
   *
   * @throws AppError `DATABASE_REPLACED`, and the driver's own error when the wait was too long
   */
  transact<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** Runs `work` with a manager that sees one state of the database from its first statement on, and cannot write. */
  readAtOnce<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** Changes whenever anything was committed by any process. */
  version(): number;
  /** The failure as an `AppError` when its cause lies outside our statements, else as it is. */
  explain(error: unknown): unknown;
  /** False when what is behind the open connections is no longer what the next process would open. */
  stillOurs(): boolean;
  /** True when it is not ours any more, and there is another one to open. */
  isReplaced(): boolean;
  /** Looks through the whole database for damage; `undefined` when there is none. */
  findDamage(): Promise<string | undefined>;
  close(): Promise<void>;
}
