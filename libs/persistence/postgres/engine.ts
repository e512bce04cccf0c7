import { setTimeout as delay } from 'node:timers/promises';

import { type DataSource, type EntityManager, type QueryRunner } from 'typeorm';

import { type DatabaseEngine } from '../database-engine.js';
import { runMigrations } from '../migrate.js';
import { ChangeListener } from './change-listener.js';
import {
  clientConfig,
  LISTENING,
  postgresConnection,
  READING,
  sessionSettings,
  UNHURRIED,
  writing,
} from './connection.js';
import { explainPostgresError, isPassing } from './errors.js';
import { findDamage } from './find-damage.js';
import { Greeting, replaced } from './greeting.js';
import { nameOf, placeOf } from './place.js';
import { isServerUpToDate } from './schema-state.js';
import { type PostgresSettings } from './settings.js';
import { begin, complete } from './transaction.js';

/** Several connections that read, one that writes, and one that listens for what others write. */
export class PostgresEngine implements DatabaseEngine {
  private opening: Promise<DataSource> | undefined;

  private constructor(
    readonly reader: DataSource,
    readonly migrated: readonly string[],
    private readonly settings: PostgresSettings,
    private readonly greeting: Greeting,
    private readonly changes: ChangeListener,
  ) {}

  /** Opens a database, and brings its schema up to date. Nothing is changed in one that is refused. */
  static async open(settings: PostgresSettings): Promise<PostgresEngine> {
    const greeting = new Greeting(placeOf(settings.url));
    const reader = await patiently(
      () => postgresConnection(settings, READING, greeting).initialize(),
      settings.lockPatienceMs,
      isStarting,
    );
    try {
      const migrated = await broughtUpToDate(settings, reader, greeting);
      const changes = await ChangeListener.start({
        config: clientConfig(settings, LISTENING),
        greet: (client) => greeting.run(client, sessionSettings(LISTENING)),
        probe: () => reader.query('select 1'),
      });
      return new PostgresEngine(reader, migrated, settings, greeting, changes);
    } catch (error) {
      await reader.destroy();
      throw error;
    }
  }

  async transact<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { lockPatienceMs: patienceMs } = this.settings;
    const { announcement } = this.changes;
    const runner = await patiently(() => this.begin(), patienceMs, isPassing);
    const { result, changed } = await complete(runner, work, { announcement, other: this.reader, patienceMs });
    if (changed) this.changes.countOne();
    return result;
  }

  async readAtOnce<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const source = await postgresConnection(this.settings, UNHURRIED, this.greeting).initialize();
    const runner = source.createQueryRunner();
    try {
      await runner.query('begin isolation level repeatable read, read only');
      return await work(runner.manager);
    } finally {
      await runner.release();
      await source.destroy();
    }
  }

  get place(): string {
    return `the ${nameOf(placeOf(this.settings.url))}`;
  }

  version(): number {
    return this.changes.version;
  }

  explain(error: unknown): unknown {
    return explainPostgresError(error);
  }

  stillOurs(): boolean {
    return !this.greeting.isReplaced;
  }

  isReplaced(): boolean {
    return this.greeting.isReplaced;
  }

  async findDamage(): Promise<string | undefined> {
    const source = await postgresConnection(this.settings, UNHURRIED, this.greeting).initialize();
    return findDamage(source).finally(() => source.destroy());
  }

  async close(): Promise<void> {
    const writer = await this.opening?.catch(() => undefined);
    await this.changes.close();
    await this.reader.destroy();
    await writer?.destroy();
  }

  private async begin(): Promise<QueryRunner> {
    if (this.greeting.isReplaced) throw replaced();
    return begin(await this.writer());
  }

  private writer(): Promise<DataSource> {
    this.opening ??= postgresConnection(this.settings, writing(this.settings.lockPatienceMs), this.greeting)
      .initialize()
      .catch((error: unknown) => {
        this.opening = undefined; // the next write tries again
        throw error;
      });
    return this.opening;
  }
}

/** All or nothing, and one process at a time: another one that starts meanwhile waits, and finds nothing to do. */
async function broughtUpToDate(
  settings: PostgresSettings,
  reader: DataSource,
  greeting: Greeting,
): Promise<readonly string[]> {
  const names = settings.migrations.map(({ name }) => name);
  const place = placeOf(settings.url);
  if (await isServerUpToDate(reader, names, place)) return [];
  const explain = (error: unknown) => explainPostgresError(error, place);
  const source = await postgresConnection(settings, UNHURRIED, greeting).initialize();
  try {
    const runner = await begin(source);
    const how = { announcement: 'select', other: reader, patienceMs: settings.lockPatienceMs };
    return (await complete(runner, () => runMigrations(source, explain, runner), how)).result;
  } finally {
    await source.destroy();
  }
}

const isStarting = (error: unknown): boolean => (error as { readonly code?: unknown }).code === '57P03';

/** Tries again, by a timer and at odd times, for what may pass by itself. */
async function patiently<T>(
  work: () => Promise<T>,
  patienceMs: number,
  mayPass: (error: unknown) => boolean,
): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || performance.now() >= giveUpAt) throw error;
    }
    await delay(50 + Math.random() * 100);
  }
}
