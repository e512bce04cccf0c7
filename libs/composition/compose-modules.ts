import { type DynamicModule } from '@nestjs/common';

import { BackupsModule } from '#libs/backups/backups.module.js';
import { CommandsModule } from '#libs/commands/commands.module.js';
import { type Config } from '#libs/config/config.js';
import { ConfigModule } from '#libs/config/config.module.js';
import { DeliveryModule } from '#libs/delivery/delivery.module.js';
import { EntitlementModule, entitlementTables } from '#libs/entitlement/entitlement.module.js';
import { ImportingModule } from '#libs/importing/importing.module.js';
import { JobsModule } from '#libs/jobs/jobs.module.js';
import { MaintenanceModule } from '#libs/maintenance/maintenance.module.js';
import { ObservabilityModule } from '#libs/observability/observability.module.js';
import { PersistenceModule } from '#libs/persistence/persistence.module.js';
import { MilestoneRequestsModule } from '#libs/releases/milestone-requests.module.js';
import { ReleasesModule } from '#libs/releases/releases.module.js';
import { RepositoriesModule, repositoriesTables } from '#libs/repositories/repositories.module.js';
import { DiskMemoryModule } from '#libs/snapshots/disk-memory.module.js';
import { SnapshotsModule, snapshotsTables } from '#libs/snapshots/snapshots.module.js';
import { StorageModule } from '#libs/storage/storage.module.js';
import { RunRequestsModule } from '#libs/syncing/run-requests.module.js';
import { SyncTimesModule } from '#libs/syncing/schedule/sync-times.module.js';
import { SyncingModule, syncingTables } from '#libs/syncing/syncing.module.js';

/** The programs that are made of these parts; they differ in what they choose, not in how it is put together. */
export type Service = 'api' | 'scheduler' | 'worker' | 'cli';

const TABLES = [...repositoriesTables, ...snapshotsTables, ...syncingTables, ...entitlementTables];

/** Every lib's module, wired once: each stands on the ones above it. A program imports those whose use cases it needs. */
export function composeModules(config: Config, { service }: { readonly service: Service }) {
  const configured = ConfigModule.register(config);
  const observability = ObservabilityModule.register({ config: configured, service });
  const persistence = PersistenceModule.register({
    config: configured,
    tables: TABLES,
    checksKey: service !== 'cli', // an operator whose shell has another key can still look, and stop a faulty package
  });
  const diskMemory = DiskMemoryModule.register({ persistence });
  const storage = StorageModule.register({ config: configured, memory: diskMemory });
  const jobs = JobsModule.register({ config: configured, observability });
  const commands = CommandsModule.register();

  const platform = { config: configured, observability, persistence, storage, jobs, commands };
  const repositories = RepositoriesModule.register(platform);
  const snapshots = SnapshotsModule.register({ ...platform, repositories });
  const syncTimes = SyncTimesModule.register({ ...platform, repositories, snapshots });
  const runRequests = RunRequestsModule.register({ ...platform, repositories });
  const milestoneRequests = MilestoneRequestsModule.register({ ...platform, repositories, runRequests });
  const syncing = SyncingModule.register({ ...platform, repositories, snapshots, syncTimes, runRequests });
  const releases = ReleasesModule.register({ ...platform, repositories, snapshots, syncing, milestoneRequests });
  const entitlement = EntitlementModule.register(platform);
  const delivery = DeliveryModule.register({ ...platform, snapshots, entitlement });
  const maintenance = MaintenanceModule.register(platform);
  const backups = BackupsModule.register({ ...platform, repositories, snapshots, runRequests });
  const importing = ImportingModule.register({ ...platform, diskMemory, repositories, snapshots, releases });

  const features = {
    repositories,
    snapshots,
    syncTimes,
    milestoneRequests,
    syncing,
    releases,
    entitlement,
    delivery,
    maintenance,
    backups,
    importing,
  };
  return { ...platform, ...features } satisfies Record<string, DynamicModule>;
}
