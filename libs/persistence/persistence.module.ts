import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { type EntitySchema } from 'typeorm';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass } from '#libs/kernel/provider.js';

import { DatabaseLeases } from './adapters/database-leases.js';
import { AppKeyCheck } from './app-key-check.js';
import { DatabaseCopies } from './copies/database-copies.js';
import { DATABASE, type Database } from './database.js';
import { installationTable } from './installation.table.js';
import { LEASES } from './lease.js';
import { openDatabase } from './open-database.js';
import { UNIT_OF_WORK } from './unit-of-work.js';

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
        provide(DATABASE, [CONFIG, CLOCK], (config, clock) =>
          openDatabase(config.database, [...imports.tables, installationTable], { clock }),
        ),
        provide(LEASES, [DATABASE], (database) => new DatabaseLeases(database)),
        provideClass(DatabaseCopies, [DATABASE]),
        provide(UNIT_OF_WORK, [DATABASE], (database) => ({ run: (work) => database.write(() => work()) })),
        provide(AppKeyCheck, [DATABASE, CONFIG], async (database, { app }) => {
          const check = new AppKeyCheck(database, app.key);
          if (imports.checksKey) await check.pass();
          return check;
        }),
      ],
      exports: [DATABASE, DatabaseCopies, LEASES, UNIT_OF_WORK, AppKeyCheck],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
