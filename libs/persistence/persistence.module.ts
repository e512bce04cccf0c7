import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { type EntitySchema } from 'typeorm';

import { CONFIG, type Config } from '#libs/config/config.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';

import { DatabaseLeases } from './adapters/database-leases.js';
import { AppKeyCheck } from './app-key-check.js';
import { DATABASE, type Database } from './database.js';
import { installationTable } from './installation.table.js';
import { LEASES } from './lease.js';
import { openDatabase } from './open-database.js';

/** Opens the database when the application starts, and closes it after everything else has shut down. */
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** @param imports.checksKey whether nothing starts with another `APP_KEY` than the one that the database was used with */
  static register(imports: {
    readonly config: DynamicModule;
    readonly tables: readonly EntitySchema[];
    readonly checksKey?: boolean;
  }): DynamicModule {
    return {
      module: PersistenceModule,
      imports: [imports.config],
      providers: [
        {
          provide: DATABASE,
          useFactory: (config: Config, clock: Clock) =>
            openDatabase(config.database, [...imports.tables, installationTable], { clock }),
          inject: [CONFIG, CLOCK],
        },
        { provide: LEASES, useFactory: (database: Database) => new DatabaseLeases(database), inject: [DATABASE] },
        {
          provide: AppKeyCheck,
          useFactory: async (database: Database, { app }: Config) => {
            const check = new AppKeyCheck(database, app.key);
            if (imports.checksKey) await check.pass();
            return check;
          },
          inject: [DATABASE, CONFIG],
        },
      ],
      exports: [DATABASE, LEASES, AppKeyCheck],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
