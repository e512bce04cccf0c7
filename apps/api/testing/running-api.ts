import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Config } from '#libs/config/config.js';
import { ConfigModule } from '#libs/config/config.module.js';
import { environmentOf } from '#libs/config/testing/environment-of.js';
import { loadConfig } from '#libs/config/load-config.js';
import { DeliveryModule } from '#libs/delivery/delivery.module.js';
import { DatabaseSystemStore } from '#libs/entitlement/adapters/database-system-store.js';
import { AddSystem } from '#libs/entitlement/systems/add-system.js';
import { CredentialKeys } from '#libs/entitlement/credential-keys.js';
import { type Edition } from '#libs/entitlement/edition.js';
import { EntitlementModule, entitlementTables } from '#libs/entitlement/entitlement.module.js';
import { actor } from '#libs/kernel/actor.js';
import { systemClock } from '#libs/kernel/clock.js';
import { repositoryName, snapshotId, systemId, type SnapshotId } from '#libs/kernel/ids.js';
import { MaintenanceModule } from '#libs/maintenance/maintenance.module.js';
import { JobsModule } from '#libs/jobs/jobs.module.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { ObservabilityModule } from '#libs/observability/observability.module.js';
import { DatabaseLeases } from '#libs/persistence/adapters/database-leases.js';
import { installationTable } from '#libs/persistence/installation.table.js';
import { openDatabase } from '#libs/persistence/open-database.js';
import { PersistenceModule } from '#libs/persistence/persistence.module.js';
import { DatabaseRepositoryStore } from '#libs/repositories/adapters/database-repository-store.js';
import { RegisterRepository } from '#libs/repositories/register-repository.js';
import { RepositoriesModule, repositoriesTables } from '#libs/repositories/repositories.module.js';
import { MilestoneRequestsModule } from '#libs/releases/milestone-requests.module.js';
import { DatabaseSnapshotStore } from '#libs/snapshots/adapters/database/database-snapshot-store.js';
import { type ListedFile } from '#libs/snapshots/snapshot.js';
import { SnapshotsModule, snapshotsTables } from '#libs/snapshots/snapshots.module.js';
import { type Disk } from '#libs/storage/disk.js';
import { openLocalDisk } from '#libs/storage/adapters/open-local-disk.js';
import { openS3Disk } from '#libs/storage/adapters/s3/open-s3-disk.js';
import { DiskMemoryModule } from '#libs/snapshots/disk-memory.module.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';
import { type ObjectKey } from '#libs/storage/object-key.js';
import { StorageModule } from '#libs/storage/storage.module.js';
import { RunRequestsModule } from '#libs/syncing/run-requests.module.js';
import { SyncTimesModule } from '#libs/syncing/schedule/sync-times.module.js';

import { syncingTables } from '#libs/syncing/syncing.module.js';

import { ApiModule } from '../api.module.js';
import { Api } from '../api.js';

const TABLES = [...repositoriesTables, ...snapshotsTables, ...syncingTables, ...entitlementTables];
const act = { actor: actor('cli', 'test') };

export const basic = (id: string, secret: string): { readonly Authorization: string } => ({
  Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

/**
 * The parts of the api, without those that only the other programs need.
 *
 * @param log takes what would go to standard output
 */
export function apiModule(config: Config, log?: Log) {
  const configured = ConfigModule.register(config);
  const observability = ObservabilityModule.register({ config: configured, service: 'api' });
  if (log !== undefined) observability.providers?.push({ provide: LOG, useValue: log });
  const persistence = PersistenceModule.register({ config: configured, tables: TABLES });
  const platform = {
    config: configured,
    observability,
    persistence,
    storage: StorageModule.register({ config: configured, memory: DiskMemoryModule.register({ persistence }) }),
  };
  const repositories = RepositoriesModule.register(platform);
  const snapshots = SnapshotsModule.register({ ...platform, repositories });
  const entitlement = EntitlementModule.register(platform);
  const delivery = DeliveryModule.register({ ...platform, snapshots, entitlement });
  const syncTimes = SyncTimesModule.register({ ...platform, repositories, snapshots });
  const maintenance = MaintenanceModule.register(platform);
  const jobs = JobsModule.register(platform);
  const runRequests = RunRequestsModule.register({ ...platform, jobs, repositories });
  const milestoneRequests = MilestoneRequestsModule.register({ ...platform, repositories, runRequests });
  return ApiModule.register({ ...platform, syncTimes, delivery, milestoneRequests, maintenance });
}

export type RunningApi = Awaited<ReturnType<typeof startApi>>;

/** The real api on a port of its own, and beside it what another process (worker, command line) does to the same data. */
export async function startApi(environment: Readonly<Record<string, string>> = {}, log?: Log) {
  const folder = await mkdtemp(join(tmpdir(), 'parceler-api-'));
  const key = randomBytes(32).toString('base64');
  const loaded = loadConfig(environmentOf({ STORAGE_PATH: folder, APP_KEY: key, LOG_LEVEL: 'error', ...environment }));
  const config = { ...loaded, http: { ...loaded.http, host: '127.0.0.1', port: 0 } };
  const api = await Api.start(apiModule(config, log), config);
  const { port } = api.server.address() as AddressInfo;
  const beside = await openBeside(config);
  const stop = async (): Promise<void> => {
    await api.stop(100);
    await beside.database.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { api, port, config, ...beside, stop };
}

async function openDisk({ disk }: Config): Promise<Disk> {
  if (disk.driver === 'local') return openLocalDisk(disk.root);
  return openS3Disk(disk, { mayMark: false, markerId: '' });
}

async function openBeside(config: Config) {
  const database = await openDatabase(config.database, [...TABLES, installationTable]);
  const disk = await openDisk(config);
  const snapshots = new DatabaseSnapshotStore(database, systemClock);
  const leases = new DatabaseLeases(database);
  const repositories = new DatabaseRepositoryStore(database);
  const systems = new DatabaseSystemStore(database);

  const addRepository = (name: string, editions?: readonly Edition[]) =>
    new RegisterRepository(repositories, systemClock).run(
      { name, command: 'true', delay: 0, ...(editions && { editions }) },
      act,
    );

  const addSystem = (id: string, edition: Edition, secret: string) =>
    new AddSystem(systems, new CredentialKeys(config.app.key), systemClock).run(
      { id: systemId(id), edition, secret },
      act,
    );

  /** Files by path; each snapshot has these and no others. */
  const publish = async (name: string, files: Readonly<Record<string, Buffer | string>>): Promise<SnapshotId> => {
    const repository = repositoryName(name);
    const sequence = (await snapshots.lastSequence(repository)) + 1;
    const listed: ListedFile[] = [];
    for (const [path, content] of Object.entries(files)) {
      const bytes = Buffer.from(content as string);
      const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256;
      await disk.writeIfAbsent(blobKey(sha256), bytes);
      listed.push({ path, sha256, size: bytes.length, mtimeMs: Date.parse('2026-03-10T12:00:00.500Z') + sequence });
    }
    const lease = await leases.acquire(`test:${name}`, 'test', 60_000);
    if (lease === undefined) throw new Error('somebody else publishes');
    const id = snapshotId(`20260310T0000${String(sequence).padStart(2, '0')}Z`);
    const removed = (await pathsBefore(name)).filter((path) => !(path in files));
    const snapshot = {
      repository,
      id,
      sequence,
      state: 'complete' as const,
      takenAt: new Date(),
      files: listed.length,
      bytes: 0,
      changes: { added: 0, changed: 0, removed: 0 },
      manifestSha256: 'ab'.repeat(32) as Sha256,
      note: undefined,
    };
    const changes = [
      ...listed.map((file) => ({ path: file.path, file })),
      ...removed.map((path) => ({ path, file: undefined })),
    ];
    await snapshots.publish(snapshot, changes, { ...act, fence: lease });
    await leases.release(lease);
    published.set(name, Object.keys(files));
    return id;
  };
  const published = new Map<string, readonly string[]>();
  const pathsBefore = async (name: string): Promise<readonly string[]> => published.get(name) ?? [];

  /** Where a local disk has an object. */
  const fileOf = (key: ObjectKey): string => join(config.source.root, key);

  return { database, disk, fileOf, snapshots, repositories, systems, addRepository, addSystem, publish };
}
