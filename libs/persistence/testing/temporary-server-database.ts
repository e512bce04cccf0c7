import { type EntitySchema } from 'typeorm';

import { Secret } from '#libs/config/secret.js';
import { systemClock, type Clock } from '#libs/kernel/clock.js';

import { Database } from '../database.js';
import { migrations } from '../migrations/all.js';
import { openDatabase } from '../open-database.js';
import { PostgresEngine } from '../postgres/engine.js';
import { clockedBy, TestTime } from './test-time.js';
import { type PostgresServer } from './postgres-server.js';
import { type EmptyPlace, temporary, type TemporaryDatabase } from './temporary-database.js';

const PATIENCE = 20_000;

/** Databases on one server, made as copies of one that has the whole schema. */
export class ServerDatabases {
  private template: Promise<string> | undefined;

  constructor(private readonly server: PostgresServer) {}

  async place(template?: string): Promise<EmptyPlace & { readonly name: string; readonly url: string }> {
    const name = await this.server.create(template);
    const url = this.server.url(name);
    const location = { driver: 'postgres', url: new Secret(new URL(url)) } as const;
    return { name, url, location, remove: () => this.server.query(`drop database ${name} with (force)`) };
  }

  async make(tables: readonly EntitySchema[] = [], clock: Clock = systemClock): Promise<TemporaryDatabase> {
    this.template ??= this.makeTemplate();
    const place = await this.place(await this.template);
    const { name, url } = place;
    const time = clock === systemClock ? undefined : await TestTime.of(this.server, name, clock);
    return temporary(place, async () => {
      const engine = await PostgresEngine.open({ url, tables, migrations, lockPatienceMs: PATIENCE });
      return new Database(time === undefined ? engine : clockedBy(time, engine));
    });
  }

  private async makeTemplate(): Promise<string> {
    const { name, location } = await this.place();
    await (await openDatabase(location, [])).close();
    return name;
  }
}
