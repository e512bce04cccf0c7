import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG, type Config } from '#libs/config/config.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { SampledLog } from '#libs/observability/sampled-log.js';
import { DATABASE, type Database } from '#libs/persistence/database.js';
import { DISK, type Disk } from '#libs/storage/disk.js';

import { FilesController } from './files/files.controller.js';
import { HealthController } from './health/health.controller.js';
import { HttpErrorsFilter } from './problems/http-errors.filter.js';
import { MetricsController } from './health/metrics.controller.js';
import { Readiness } from './health/readiness.js';
import { Refusals } from './problems/refusals.js';
import { SendDelivery } from './files/send-delivery.js';

/** The HTTP side: files for appliances, health, numbers. */
@Module({})
export class ApiModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly persistence: DynamicModule;
    readonly storage: DynamicModule;
    readonly delivery: DynamicModule;
  }): DynamicModule {
    return {
      module: ApiModule,
      imports: [imports.config, imports.observability, imports.persistence, imports.storage, imports.delivery],
      controllers: [FilesController, HealthController, MetricsController],
      providers: [
        {
          provide: Refusals,
          useFactory: ({ entitlement }: Config) => new Refusals(entitlement.realm),
          inject: [CONFIG],
        },
        { provide: SampledLog, useFactory: (log: Log) => new SampledLog(log), inject: [LOG] },
        { provide: SendDelivery, useFactory: (disk: Disk) => new SendDelivery(disk), inject: [DISK] },
        {
          provide: Readiness,
          useFactory: (database: Database, disk: Disk) => new Readiness(database, disk),
          inject: [DATABASE, DISK],
        },
        {
          provide: HttpErrorsFilter,
          useFactory: (refusals: Refusals, log: SampledLog) => new HttpErrorsFilter(refusals, log),
          inject: [Refusals, SampledLog],
        },
      ],
    };
  }
}
