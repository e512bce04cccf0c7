import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { type EntitySchema } from 'typeorm';

import { CONFIG, type Config } from '#libs/config/config.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';

import { DatabaseLeases } from './adapters/database-leases.js';
import { DATABASE, type Database } from './database.js';
import { LEASES } from './lease.js';
import { openDatabase } from './open-database.js';

/** Opens the database when the application starts, and closes it after everything else has shut down. */
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  static register(imports: {
    readonly config: DynamicModule;
    readonly tables: readonly EntitySchema[];
  }): DynamicModule {
    return {
      module: PersistenceModule,
      imports: [imports.config],
      providers: [
        {
          provide: DATABASE,
          useFactory: (config: Config, clock: Clock) => openDatabase(config.database, imports.tables, { clock }),
          inject: [CONFIG, CLOCK],
        },
        { provide: LEASES, useFactory: (database: Database) => new DatabaseLeases(database), inject: [DATABASE] },
      ],
      exports: [DATABASE, LEASES],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
