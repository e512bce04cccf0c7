import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import type BetterSqlite3 from 'better-sqlite3';
import { type DataSource, type EntityManager } from 'typeorm';

import { AppError } from '#libs/kernel/errors.js';

import { type DatabaseEngine } from '../database-engine.js';
import { runMigrations } from '../migrate.js';
import { connectionOf, sqliteConnection, type SqliteSettings } from './connection.js';
import { explainSqliteError, isBusy } from './errors.js';
import { assertSafeLibrary } from './safe-library.js';
import { isFileUpToDate } from './schema-state.js';

/**
 * SQLite waits for a lock by sleeping in this thread, and nothing is served meanwhile. So the writer lets it wait only
 * briefly, and asks again by a timer.
 */
const WRITER = ['busy_timeout = 20'];
const READER = ['query_only = ON'];

export class SqliteEngine implements DatabaseEngine {
  migrated: readonly string[] = [];
  private opening: Promise<DataSource> | undefined;
  private readonly dataVersion: BetterSqlite3.Statement;
  private readonly files: readonly OpenFile[];

  private constructor(
    readonly reader: DataSource,
    private readonly settings: SqliteSettings,
  ) {
    this.dataVersion = connectionOf(reader).prepare('PRAGMA data_version').pluck();
    this.dataVersion.get(); // makes the write-ahead log, if there was none
    this.files = [settings.file, `${settings.file}-wal`].map(openFile);
  }

  /** Opens a database, and brings its schema up to date. Nothing is changed in one that is refused. */
  static async open(settings: SqliteSettings): Promise<SqliteEngine> {
    const names = settings.migrations.map(({ name }) => name);
    const found = { upToDate: false };
    const openReader = () =>
      sqliteConnection(settings, READER, (connection) => {
        assertSafeLibrary(connection.prepare('select sqlite_version()').pluck().get() as string);
        found.upToDate = isFileUpToDate(connection, names);
      }).initialize();
    const engine = new SqliteEngine(await patiently(openReader, settings.lockPatienceMs), settings);
    try {
      if (!found.upToDate) engine.migrated = await engine.migrate();
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  async transact<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { manager } = await this.writer();
    await this.begin(manager);
    try {
      const result = await work(manager);
      await manager.query('COMMIT');
      return result;
    } catch (error) {
      await manager.query('ROLLBACK').catch(() => undefined); // the first error is the one worth telling
      throw error;
    }
  }

  get place(): string {
    return this.settings.file;
  }

  async readAtOnce<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const source = await sqliteConnection(this.settings, READER).initialize();
    try {
      await source.query('BEGIN'); // with a write-ahead log it holds up nobody
      return await work(source.manager);
    } finally {
      await source.destroy();
    }
  }

  version(): number {
    return this.dataVersion.get() as number;
  }

  explain(error: unknown): unknown {
    return explainSqliteError(error);
  }

  stillOurs(): boolean {
    return this.files.every((file) => isSame(file, openFile(file.path)));
  }

  isReplaced(): boolean {
    return !this.stillOurs() && openFile(this.settings.file).inode !== undefined;
  }

  async findDamage(): Promise<string | undefined> {
    try {
      const [row] = await this.reader.query<readonly { readonly quick_check: string }[]>('PRAGMA quick_check(1)');
      return row?.quick_check === 'ok' ? undefined : (row?.quick_check ?? 'the check gave no answer');
    } catch (error) {
      const explained = explainSqliteError(error);
      if (explained instanceof AppError && explained.code === 'DATABASE_CORRUPT') return explained.message;
      throw explained;
    }
  }

  async close(): Promise<void> {
    const writer = await this.opening?.catch(() => undefined);
    await this.reader.destroy();
    await writer?.destroy();
  }

  private writer(): Promise<DataSource> {
    this.opening ??= sqliteConnection(this.settings, WRITER)
      .initialize()
      .catch((error: unknown) => {
        this.opening = undefined; // the next write tries again
        throw error;
      });
    return this.opening;
  }

  private async begin(manager: EntityManager): Promise<void> {
    if (!this.stillOurs()) throw replaced();
    // Left over when a failing volume let neither COMMIT nor ROLLBACK through.
    if (connectionOf(manager.dataSource).inTransaction) await manager.query('ROLLBACK');
    await patiently(() => manager.query('BEGIN IMMEDIATE'), this.settings.lockPatienceMs);
  }

  /** All or nothing, and one process at a time: another one that starts meanwhile waits, and finds nothing to do. */
  private async migrate(): Promise<readonly string[]> {
    const writer = await this.writer();
    const connection = connectionOf(writer);
    connection.pragma('foreign_keys = OFF'); // SQLite changes a table by making it anew
    try {
      return await this.transact(async () => {
        const done = await runMigrations(writer, explainSqliteError);
        assertReferencesHold(connection);
        return done;
      });
    } finally {
      connection.pragma('foreign_keys = ON');
    }
  }
}

function assertReferencesHold(connection: BetterSqlite3.Database): void {
  const [broken] = connection.pragma('foreign_key_check') as readonly { readonly table: string }[];
  if (broken !== undefined) throw new Error(`the migrations left a broken reference in "${broken.table}"`);
}

/** Tries again, by a timer and at odd times, while another process holds the lock. */
async function patiently<T>(work: () => Promise<T>, patienceMs: number): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAt) throw error;
    }
    await delay(5 + Math.random() * 20);
  }
}

interface OpenFile {
  readonly path: string;
  readonly device: number | undefined;
  readonly inode: number | undefined;
}

function openFile(path: string): OpenFile {
  const stats = statSync(path, { throwIfNoEntry: false });
  return { path, device: stats?.dev, inode: stats?.ino };
}

const isSame = (one: OpenFile, other: OpenFile): boolean => one.device === other.device && one.inode === other.inode;

const replaced = (): AppError =>
  new AppError('unavailable', 'DATABASE_REPLACED', 'The database file was moved or replaced while it was in use.', {
    hint: 'Restart this process, so that it opens the file that is there now.',
  });
