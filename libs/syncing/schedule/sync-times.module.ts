import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass } from '#libs/kernel/provider.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';

import { SYNC_TIMES, syncTimes } from './due-syncs.js';
import { FindStaleRepositories } from './find-stale-repositories.js';

/** What can be said of schedules without the means to sync, which the api does without. */
@Module({})
export class SyncTimesModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly repositories: DynamicModule;
    readonly snapshots: DynamicModule;
  }): DynamicModule {
    return {
      module: SyncTimesModule,
      imports: [imports.config, imports.repositories, imports.snapshots],
      providers: [
        provide(SYNC_TIMES, [CONFIG], syncTimes),
        provideClass(FindStaleRepositories, [REPOSITORY_STORE, SNAPSHOT_STORE, SYNC_TIMES, CLOCK]),
      ],
      exports: [SYNC_TIMES, FindStaleRepositories],
    };
  }
}
