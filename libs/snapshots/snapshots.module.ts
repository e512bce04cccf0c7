import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass, token } from '#libs/kernel/provider.js';
import { LOG } from '#libs/observability/log.js';
import { DATABASE } from '#libs/persistence/database.js';
import { LEASES } from '#libs/persistence/lease.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { DISK, SOURCE_DISK } from '#libs/storage/disk.js';
import { snapshotsOf } from '#libs/storage/layout.js';
import { keyPrefix } from '#libs/storage/object-key.js';

import { DatabaseCatalog } from './adapters/database/database-catalog.js';
import { databaseChanges } from './adapters/database/database-changes.js';
import { DatabaseSnapshotStore } from './adapters/database/database-snapshot-store.js';
import { DatabaseGarbageMarks } from './adapters/database/database-garbage-marks.js';
import { DatabasePackageCatalog } from './adapters/database/database-package-catalog.js';
import { diskTable } from './adapters/database/disk.table.js';
import { fileVersionTable } from './adapters/database/file-version.table.js';
import { packageVersionTable } from './adapters/database/package-version.table.js';
import { unreadIndexTable } from './adapters/database/unread-index.table.js';
import { garbageMarkTable } from './adapters/database/garbage-mark.table.js';
import { LocalExport } from './adapters/local/local-export.js';
import { DiskSource } from './adapters/disk/disk-source.js';
import { CopyToBlobs } from './adapters/local/copy-to-blobs.js';
import { LinkToBlobs } from './adapters/local/link-to-blobs.js';
import { LocalSource } from './adapters/local/local-source.js';
import { type MakeBlobs } from './adapters/local/make-blobs.js';
import { SendToBlobs } from './adapters/local/send-to-blobs.js';
import { repositorySequenceTable } from './adapters/database/repository-sequence.table.js';
import { snapshotTable } from './adapters/database/snapshot.table.js';
import { AdoptDirectory } from './recovery/adopt-directory.js';
import { CATALOG } from './catalog/catalog.js';
import { DeleteSnapshot } from './removal/delete-snapshot.js';
import { ExportSnapshot } from './export/export-snapshot.js';
import { EXPORT_TARGET } from './export/export-target.js';
import { CollectGarbage } from './garbage/collect-garbage.js';
import { GARBAGE_MARKS } from './garbage/garbage-marks.js';
import { MarkDamaged } from './damage/mark-damaged.js';
import { FindPackageChanges } from './packages/find-package-changes.js';
import { PACKAGE_CATALOG } from './packages/package-catalog.js';
import { withPackages } from './packages/with-packages.js';
import { PruneSnapshots, type RetentionPeriods } from './removal/prune-snapshots.js';
import { ReconcileSnapshots } from './recovery/reconcile-snapshots.js';
import { RebuildIndex } from './recovery/rebuild-index.js';
import { RecoverSnapshots } from './recovery/recover-snapshots.js';
import { PurgeSuperseded } from './removal/purge-superseded.js';
import { RemoveRepositoryContent } from './removal/remove-repository-content.js';
import { RepairBlob } from './damage/repair-blob.js';
import { ServedSnapshots } from './served-snapshots.js';
import { GRACE_MS } from './serving-history.js';
import { type SnapshotIndex } from './snapshot-index.js';
import { RestoreSnapshot } from './restore-snapshot.js';
import { SNAPSHOT_STORE } from './snapshot-store.js';
import { SOURCE, type Source } from './source/source.js';
import { SweepStaging } from './recovery/sweep-staging.js';
import { OPEN_TREES } from './recovery/trees.js';
import { TakeSnapshot, type SnapshotSettings } from './take-snapshot.js';
import { VerifySnapshot } from './damage/verify-snapshot.js';

export const snapshotsTables = [
  snapshotTable,
  diskTable,
  fileVersionTable,
  packageVersionTable,
  unreadIndexTable,
  garbageMarkTable,
  repositorySequenceTable,
];

const SNAPSHOT_INDEX = token<SnapshotIndex>('SnapshotIndex');
const SNAPSHOT_SETTINGS = token<SnapshotSettings>('SnapshotSettings');
const RETENTION_PERIODS = token<RetentionPeriods>('RetentionPeriods');
const MAKE_BLOBS = token<MakeBlobs>('MakeBlobs');
/** Directories below `snapshots/<repository>`, read as if they were sources. */
const DIRECTORIES = token<Source>('Directories');

const STORES = [
  provide(CATALOG, [DATABASE], (database) => new DatabaseCatalog(database)),
  provide(PACKAGE_CATALOG, [DATABASE], (database) => new DatabasePackageCatalog(database)),
  provideClass(FindPackageChanges, [DISK, CATALOG, PACKAGE_CATALOG, LOG]),
  provide(SNAPSHOT_STORE, [DATABASE, CLOCK, PACKAGE_CATALOG, FindPackageChanges], (database, clock, packages, find) =>
    withPackages(new DatabaseSnapshotStore(database, clock), packages, find),
  ),
  provide(SNAPSHOT_INDEX, [SNAPSHOT_STORE, CATALOG], (snapshots, catalog) => ({ snapshots, catalog })),
  provide(GARBAGE_MARKS, [DATABASE], (database) => new DatabaseGarbageMarks(database)),
];

const PLACES = [
  provide(MAKE_BLOBS, [CONFIG, DISK], (config, disk) =>
    config.disk.driver === 'local' ? new CopyToBlobs(config.disk.root) : new SendToBlobs(disk),
  ),
  provide(SOURCE, [CONFIG, MAKE_BLOBS], ({ source }, makeBlobs) => new LocalSource(source.root, makeBlobs)),
  provide(DIRECTORIES, [CONFIG, DISK, MAKE_BLOBS], (config, disk, makeBlobs) =>
    config.disk.driver === 'local'
      ? new LocalSource(config.disk.root, makeBlobs, snapshotsOf)
      : new DiskSource(disk, snapshotsOf),
  ),
  provide(EXPORT_TARGET, [], () => new LocalExport()),
];

const SETTINGS = [
  provide(SNAPSHOT_SETTINGS, [CLOCK, CONFIG, LOG], (clock, { checks }, log) => ({
    clock,
    shrink: checks.shrink,
    log,
  })),
  provide(RETENTION_PERIODS, [CONFIG], ({ retention: { supersededMs } }) => ({ graceMs: GRACE_MS, supersededMs })),
];

const SERVED = provide(
  ServedSnapshots,
  [REPOSITORY_STORE, SNAPSHOT_STORE, DATABASE, CLOCK, LOG],
  (repositories, snapshots, database, clock, log) =>
    new ServedSnapshots({ repositories, snapshots }, databaseChanges(database), clock, log),
);

const TAKING = [
  provideClass(TakeSnapshot, [DISK, SOURCE, SNAPSHOT_INDEX, LEASES, SNAPSHOT_SETTINGS]),
  provideClass(AdoptDirectory, [DISK, DIRECTORIES, SNAPSHOT_INDEX, LEASES, CLOCK]),
  provideClass(RecoverSnapshots, [DISK, SNAPSHOT_INDEX, CLOCK, LOG]),
  provideClass(RebuildIndex, [DISK, SNAPSHOT_STORE]),
  provideClass(SweepStaging, [DISK, LEASES]),
  provideClass(ReconcileSnapshots, [DISK, SNAPSHOT_STORE, CLOCK, LOG]),
];

const TREES = provide(
  OPEN_TREES,
  [CONFIG, MAKE_BLOBS, DISK, SNAPSHOT_INDEX, LEASES, CLOCK],
  ({ disk: settings }, makeBlobs, disk, ...parts) =>
    ({ root, folder }) => {
      const makesBlobs = settings.driver === 'local' ? new LinkToBlobs(settings.root) : makeBlobs;
      const source = new LocalSource(root, makesBlobs, (repository) => keyPrefix(`${folder}${repository}`));
      return { source, adopt: new AdoptDirectory(disk, source, ...parts) };
    },
);

const REMOVING = [
  provideClass(DeleteSnapshot, [DISK, SNAPSHOT_STORE, REPOSITORY_STORE, CLOCK]),
  provideClass(PruneSnapshots, [DISK, SNAPSHOT_STORE, REPOSITORY_STORE, CLOCK, RETENTION_PERIODS]),
  provideClass(PurgeSuperseded, [DISK, SNAPSHOT_STORE]),
  provideClass(RestoreSnapshot, [SNAPSHOT_STORE, REPOSITORY_STORE]),
  provideClass(RemoveRepositoryContent, [DISK, SOURCE_DISK, SNAPSHOT_STORE, REPOSITORY_STORE]),
  provideClass(CollectGarbage, [DISK, GARBAGE_MARKS, LEASES, CLOCK, SNAPSHOT_INDEX]),
];

const CHECKING = [
  provideClass(RepairBlob, [DISK, SOURCE, LEASES]),
  provideClass(MarkDamaged, [DISK, SNAPSHOT_INDEX, RepairBlob, CLOCK]),
  provideClass(VerifySnapshot, [DISK, SNAPSHOT_INDEX, REPOSITORY_STORE, RepairBlob, CLOCK]),
  provideClass(ExportSnapshot, [DISK, SNAPSHOT_STORE, EXPORT_TARGET]),
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
      providers: [...STORES, ...PLACES, ...SETTINGS, SERVED, TREES, ...USE_CASES],
      exports: [
        SNAPSHOT_STORE,
        CATALOG,
        PACKAGE_CATALOG,
        ServedSnapshots,
        SOURCE,
        OPEN_TREES,
        ...USE_CASES.map(({ provide }) => provide),
      ],
    };
  }
}
