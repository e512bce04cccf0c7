import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { DATABASE, type Database } from '#libs/persistence/database.js';
import { REPOSITORY_STORE, type RepositoryStore } from '#libs/repositories/repository-store.js';

import { DatabaseCatalog } from './adapters/database-catalog.js';
import { databaseChanges } from './adapters/database-changes.js';
import { DatabaseSnapshotStore } from './adapters/database-snapshot-store.js';
import { fileVersionTable } from './adapters/file-version.table.js';
import { repositorySequenceTable } from './adapters/repository-sequence.table.js';
import { snapshotTable } from './adapters/snapshot.table.js';
import { CATALOG } from './catalog.js';
import { ServedSnapshots } from './served-snapshots.js';
import { SNAPSHOT_STORE, type SnapshotStore } from './snapshot-store.js';

export const snapshotsTables = [snapshotTable, fileVersionTable, repositorySequenceTable];

const STORES = [
  {
    provide: SNAPSHOT_STORE,
    useFactory: (database: Database, clock: Clock) => new DatabaseSnapshotStore(database, clock),
    inject: [DATABASE, CLOCK],
  },
  { provide: CATALOG, useFactory: (database: Database) => new DatabaseCatalog(database), inject: [DATABASE] },
];

const SERVED = {
  provide: ServedSnapshots,
  useFactory: (
    repositories: RepositoryStore,
    snapshots: SnapshotStore,
    database: Database,
    clock: Clock,
    log: Log,
  ): ServedSnapshots => new ServedSnapshots({ repositories, snapshots }, databaseChanges(database), clock, log),
  inject: [REPOSITORY_STORE, SNAPSHOT_STORE, DATABASE, CLOCK, LOG],
};

@Module({})
export class SnapshotsModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly persistence: DynamicModule;
    readonly repositories: DynamicModule;
  }): DynamicModule {
    return {
      module: SnapshotsModule,
      imports: Object.values(imports),
      providers: [...STORES, SERVED],
      exports: [SNAPSHOT_STORE, CATALOG, ServedSnapshots],
    };
  }
}
