import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass } from '#libs/kernel/provider.js';
import { LOG } from '#libs/observability/log.js';
import { DATABASE } from '#libs/persistence/database.js';

import { DatabaseMaintenanceStore } from './adapters/database-maintenance-store.js';
import { BeginMaintenance } from './begin-maintenance.js';
import { BypassKeys } from './bypass-keys.js';
import { EndMaintenance } from './end-maintenance.js';
import { MAINTENANCE_STORE } from './maintenance-store.js';
import { MaintenanceWatch } from './maintenance-watch.js';

@Module({})
export class MaintenanceModule implements OnApplicationShutdown {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly persistence: DynamicModule;
  }): DynamicModule {
    return {
      module: MaintenanceModule,
      imports: [imports.config, imports.observability, imports.persistence],
      providers: [
        provide(MAINTENANCE_STORE, [DATABASE], (database) => new DatabaseMaintenanceStore(database)),
        provide(BypassKeys, [CONFIG], ({ app }) => new BypassKeys(app.key)),
        provideClass(BeginMaintenance, [MAINTENANCE_STORE, BypassKeys, CLOCK]),
        provideClass(EndMaintenance, [MAINTENANCE_STORE, CLOCK]),
        provideClass(MaintenanceWatch, [MAINTENANCE_STORE, DATABASE, LOG]),
      ],
      exports: [MAINTENANCE_STORE, BypassKeys, BeginMaintenance, EndMaintenance, MaintenanceWatch],
    };
  }

  constructor(@Inject(MaintenanceWatch) private readonly watch: MaintenanceWatch) {}

  onApplicationShutdown(): void {
    this.watch.stop();
  }
}
