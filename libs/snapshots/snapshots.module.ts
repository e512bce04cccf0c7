import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG, type Config } from '#libs/config/config.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { DATABASE, type Database } from '#libs/persistence/database.js';
import { LEASES, type Leases } from '#libs/persistence/lease.js';
import { REPOSITORY_STORE, type RepositoryStore } from '#libs/repositories/repository-store.js';
import { DISK, type Disk } from '#libs/storage/disk.js';
import { snapshotsOf } from '#libs/storage/layout.js';

import { DatabaseCatalog } from './adapters/database/database-catalog.js';
import { databaseChanges } from './adapters/database/database-changes.js';
import { DatabaseSnapshotStore } from './adapters/database/database-snapshot-store.js';
import { DatabaseGarbageMarks } from './adapters/database/database-garbage-marks.js';
import { diskTable } from './adapters/database/disk.table.js';
import { fileVersionTable } from './adapters/database/file-version.table.js';
import { garbageMarkTable } from './adapters/database/garbage-mark.table.js';
import { LocalExport } from './adapters/local/local-export.js';
import { LocalSource } from './adapters/local/local-source.js';
import { repositorySequenceTable } from './adapters/database/repository-sequence.table.js';
import { snapshotTable } from './adapters/database/snapshot.table.js';
import { AdoptDirectory } from './recovery/adopt-directory.js';
import { CATALOG, type Catalog } from './catalog/catalog.js';
import { DeleteSnapshot } from './removal/delete-snapshot.js';
import { ExportSnapshot } from './export/export-snapshot.js';
import { EXPORT_TARGET, type ExportTarget } from './export/export-target.js';
import { CollectGarbage } from './garbage/collect-garbage.js';
import { GARBAGE_MARKS, type GarbageMarks } from './garbage/garbage-marks.js';
import { MarkDamaged } from './damage/mark-damaged.js';
import { PruneSnapshots } from './removal/prune-snapshots.js';
import { ReconcileSnapshots } from './recovery/reconcile-snapshots.js';
import { RecoverSnapshots } from './recovery/recover-snapshots.js';
import { RemoveRepositoryContent } from './removal/remove-repository-content.js';
import { RepairBlob } from './damage/repair-blob.js';
import { ServedSnapshots } from './served-snapshots.js';
import { GRACE_MS } from './serving-history.js';
import { SNAPSHOT_STORE, type SnapshotStore } from './snapshot-store.js';
import { SOURCE, type Source } from './source/source.js';
import { SweepStaging } from './recovery/sweep-staging.js';
import { TakeSnapshot } from './take-snapshot.js';
import { VerifySnapshot } from './damage/verify-snapshot.js';

export const snapshotsTables = [snapshotTable, diskTable, fileVersionTable, garbageMarkTable, repositorySequenceTable];

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

/** What most use cases stand on. */
interface Engine {
  readonly snapshots: SnapshotStore;
  readonly catalog: Catalog;
  readonly repositories: RepositoryStore;
  readonly clock: Clock;
}

const ENGINE = Symbol('Engine');
const ENGINE_STORES = {
  provide: ENGINE,
  useFactory: (snapshots: SnapshotStore, catalog: Catalog, repositories: RepositoryStore, clock: Clock): Engine => ({
    snapshots,
    catalog,
    repositories,
    clock,
  }),
  inject: [SNAPSHOT_STORE, CATALOG, REPOSITORY_STORE, CLOCK],
};

/** Directories below `snapshots/<repository>`, read as if they were sources. */
const DIRECTORIES = Symbol('Directories');

const PLACES = [
  { provide: SOURCE, useFactory: ({ disk }: Config) => new LocalSource(disk.root), inject: [CONFIG] },
  {
    provide: DIRECTORIES,
    useFactory: ({ disk }: Config) => new LocalSource(disk.root, undefined, snapshotsOf),
    inject: [CONFIG],
  },
  { provide: EXPORT_TARGET, useFactory: () => new LocalExport() },
  {
    provide: GARBAGE_MARKS,
    useFactory: (database: Database) => new DatabaseGarbageMarks(database),
    inject: [DATABASE],
  },
];

const TAKING = [
  {
    provide: TakeSnapshot,
    useFactory: (disk: Disk, source: Source, engine: Engine, leases: Leases, config: Config) =>
      new TakeSnapshot(disk, source, engine, leases, { clock: engine.clock, shrink: config.checks.shrink }),
    inject: [DISK, SOURCE, ENGINE, LEASES, CONFIG],
  },
  {
    provide: AdoptDirectory,
    useFactory: (disk: Disk, directories: Source, engine: Engine, leases: Leases) =>
      new AdoptDirectory(disk, directories, engine, leases, engine.clock),
    inject: [DISK, DIRECTORIES, ENGINE, LEASES],
  },
  {
    provide: RecoverSnapshots,
    useFactory: (disk: Disk, engine: Engine) => new RecoverSnapshots(disk, engine, engine.clock),
    inject: [DISK, ENGINE],
  },
  {
    provide: SweepStaging,
    useFactory: (disk: Disk, leases: Leases) => new SweepStaging(disk, leases),
    inject: [DISK, LEASES],
  },
  {
    provide: ReconcileSnapshots,
    useFactory: (disk: Disk, { snapshots }: Engine) => new ReconcileSnapshots(disk, snapshots),
    inject: [DISK, ENGINE],
  },
];

const REMOVING = [
  {
    provide: DeleteSnapshot,
    useFactory: (disk: Disk, { snapshots, repositories, clock }: Engine) =>
      new DeleteSnapshot(disk, snapshots, repositories, clock),
    inject: [DISK, ENGINE],
  },
  {
    provide: PruneSnapshots,
    useFactory: (disk: Disk, { snapshots, repositories, clock }: Engine, { retention: { supersededMs } }: Config) =>
      new PruneSnapshots(disk, snapshots, repositories, clock, { graceMs: GRACE_MS, supersededMs }),
    inject: [DISK, ENGINE, CONFIG],
  },
  {
    provide: RemoveRepositoryContent,
    useFactory: (disk: Disk, { snapshots, repositories }: Engine) =>
      new RemoveRepositoryContent(disk, snapshots, repositories),
    inject: [DISK, ENGINE],
  },
  {
    provide: CollectGarbage,
    useFactory: (disk: Disk, marks: GarbageMarks, leases: Leases, clock: Clock) =>
      new CollectGarbage(disk, marks, leases, clock),
    inject: [DISK, GARBAGE_MARKS, LEASES, CLOCK],
  },
];

const CHECKING = [
  {
    provide: RepairBlob,
    useFactory: (disk: Disk, source: Source, leases: Leases) => new RepairBlob(disk, source, leases),
    inject: [DISK, SOURCE, LEASES],
  },
  {
    provide: MarkDamaged,
    useFactory: (disk: Disk, engine: Engine, repair: RepairBlob) => new MarkDamaged(disk, engine, repair, engine.clock),
    inject: [DISK, ENGINE, RepairBlob],
  },
  {
    provide: VerifySnapshot,
    useFactory: (disk: Disk, { snapshots, repositories }: Engine, repair: RepairBlob, clock: Clock) =>
      new VerifySnapshot(disk, snapshots, repositories, repair, clock),
    inject: [DISK, ENGINE, RepairBlob, CLOCK],
  },
  {
    provide: ExportSnapshot,
    useFactory: (disk: Disk, { snapshots }: Engine, target: ExportTarget) =>
      new ExportSnapshot(disk, snapshots, target),
    inject: [DISK, ENGINE, EXPORT_TARGET],
  },
];

const USE_CASES = [...TAKING, ...REMOVING, ...CHECKING];

@Module({})
export class SnapshotsModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly persistence: DynamicModule;
    readonly storage: DynamicModule;
    readonly repositories: DynamicModule;
  }): DynamicModule {
    return {
      module: SnapshotsModule,
      imports: Object.values(imports),
      providers: [...STORES, SERVED, ...PLACES, ENGINE_STORES, ...USE_CASES],
      exports: [SNAPSHOT_STORE, CATALOG, ServedSnapshots, SOURCE, ...USE_CASES.map(({ provide }) => provide)],
    };
  }
}
