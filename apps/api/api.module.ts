import { dirname } from 'node:path';

import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass } from '#libs/kernel/provider.js';
import { BypassKeys } from '#libs/maintenance/bypass-keys.js';
import { MaintenanceWatch } from '#libs/maintenance/maintenance-watch.js';
import { LOG } from '#libs/observability/log.js';
import { SampledLog } from '#libs/observability/sampled-log.js';
import { DATABASE } from '#libs/persistence/database.js';
import { ChooseWay } from '#libs/delivery/choose-way.js';
import { DISK } from '#libs/storage/disk.js';
import { FindStaleRepositories } from '#libs/syncing/schedule/find-stale-repositories.js';

import { FilesController } from './files/files.controller.js';
import { FreeSpace, freeBytesOf } from './health/free-space.js';
import { HealthController } from './health/health.controller.js';
import { HttpErrorsFilter } from './problems/http-errors.filter.js';
import { MaintenanceGate } from './server/maintenance-gate.js';
import { MilestoneController } from './milestones/milestone.controller.js';
import { MetricsController } from './health/metrics.controller.js';
import { Readiness } from './health/readiness.js';
import { Refusals } from './problems/refusals.js';
import { StaleCount } from './health/stale-count.js';
import { SendDelivery } from './files/send-delivery.js';

/** The HTTP side: files for appliances, health, numbers. */
@Module({})
export class ApiModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly persistence: DynamicModule;
    readonly storage: DynamicModule;
    readonly syncTimes: DynamicModule;
    readonly delivery: DynamicModule;
    readonly milestoneRequests: DynamicModule;
    readonly maintenance: DynamicModule;
  }): DynamicModule {
    return {
      module: ApiModule,
      imports: Object.values(imports),
      controllers: [FilesController, MilestoneController, HealthController, MetricsController],
      providers: [
        provide(Refusals, [CONFIG], ({ entitlement }) => new Refusals(entitlement.realm)),
        provide(
          MaintenanceGate,
          [MaintenanceWatch, BypassKeys, CLOCK, CONFIG],
          (watch, keys, clock, { http }) => new MaintenanceGate(watch, keys, clock, http),
        ),
        provideClass(SampledLog, [LOG]),
        provideClass(SendDelivery, [DISK, ChooseWay]),
        provideClass(Readiness, [DATABASE, DISK]),
        provide(FreeSpace, [CONFIG, DISK], ({ database }, disk) => {
          const ofDatabase = async () =>
            database.driver === 'sqlite' ? freeBytesOf(dirname(database.file)) : undefined; // a server does not tell
          return new FreeSpace({ database: ofDatabase, disk: () => disk.freeBytes() });
        }),
        provideClass(StaleCount, [FindStaleRepositories, CLOCK]),
        provideClass(HttpErrorsFilter, [Refusals, SampledLog]),
      ],
    };
  }
}
