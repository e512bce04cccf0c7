import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { actor, type Act } from '#libs/kernel/actor.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { repositoryName, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { fixedClock, type FixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { type Fence } from '#libs/persistence/lease.js';
import { InMemoryLeases } from '#libs/persistence/testing/in-memory-leases.js';
import { type Repository } from '#libs/repositories/repository.js';
import { InMemoryRepositoryStore } from '#libs/repositories/testing/in-memory-repository-store.js';
import { type LocalDisk } from '#libs/storage/adapters/local-disk.js';
import { openLocalDisk } from '#libs/storage/adapters/open-local-disk.js';
import { type Disk } from '#libs/storage/disk.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { CopyToBlobs } from '../adapters/local/copy-to-blobs.js';
import { LocalSource } from '../adapters/local/local-source.js';
import { filesOf, readManifest } from '../manifest/read-manifest.js';
import { RepairBlob } from '../damage/repair-blob.js';
import { FindPackageChanges } from '../packages/find-package-changes.js';
import { withPackages } from '../packages/with-packages.js';
import { type NewSnapshot } from '../snapshot.js';
import { type SnapshotIndex } from '../snapshot-index.js';
import { type Source } from '../source/source.js';
import { TakeSnapshot, type SnapshotTaken } from '../take-snapshot.js';
import { InMemoryPackageCatalog } from './in-memory-package-catalog.js';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.js';
import { checkWorld, WorldMemory } from './check-world.js';

export const DEBIAN: RepositoryName = repositoryName('debian');
export const BY_TEST: Act = { actor: actor('worker', 'test') };

/** Contents by path; `undefined` removes. */
export type Tree = Readonly<Record<string, string | Buffer | undefined>>;

/** The engine on a real folder, with everything else in memory. */
export class SnapshotWorld {
  readonly leases: InMemoryLeases;
  readonly snapshots: InMemorySnapshotStore;
  readonly packages = new InMemoryPackageCatalog();
  readonly repositories = new InMemoryRepositoryStore(({ token }) => token > this.overtaken);
  readonly memory = new WorldMemory();
  readonly log = new RecordedLog();
  readonly source: Source;
  private attempts = 0;
  private overtaken = 0;

  private constructor(
    readonly root: string,
    readonly disk: LocalDisk,
    readonly clock: FixedClock,
  ) {
    this.leases = new InMemoryLeases(clock);
    this.snapshots = new InMemorySnapshotStore(({ token }) => token > this.overtaken, clock, this.repositories);
    // A minute ahead, so that no file seems to have been touched just now.
    this.source = new LocalSource(root, new CopyToBlobs(root, { now: () => new Date(Date.now() + MINUTE) }));
  }

  static async make(): Promise<SnapshotWorld> {
    const root = mkdtempSync(join(tmpdir(), 'parceler-world-'));
    return new SnapshotWorld(root, await openLocalDisk(root), fixedClock('2026-01-14T10:30:45Z'));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  get index(): SnapshotIndex {
    return this.indexReading(this.disk);
  }

  /** @param disk where the indexes of packages are read from */
  private indexReading(disk: Disk): SnapshotIndex {
    const { catalog } = this.snapshots;
    const find = new FindPackageChanges(disk, catalog, this.packages, this.log);
    return { snapshots: withPackages(this.snapshots, this.packages, find), catalog };
  }

  /** What a sync does. */
  change(tree: Tree, repository = DEBIAN): void {
    for (const [path, content] of Object.entries(tree)) {
      const file = this.sourcePath(path, repository);
      if (content === undefined) rmSync(file, { recursive: true });
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
  }

  sourcePath(path = '', repository = DEBIAN): string {
    return join(this.root, 'source', repository, path);
  }

  blobPath(sha256: Sha256): string {
    return join(this.root, 'blobs', sha256.slice(0, 2), sha256);
  }

  manifestPath(id: string, repository = DEBIAN): string {
    return join(this.root, 'snapshots', repository, id, 'manifest.jsonl.gz');
  }

  fence(): Promise<Fence> {
    return Promise.resolve({ name: 'repository:debian', token: this.overtaken + 1 });
  }

  /** Makes another process take over what `fence` stood for up to now. */
  overtake(): void {
    this.overtaken += 1;
  }

  /** A snapshot one minute after the one before. */
  async take(options: TakeOptions = {}): Promise<NewSnapshot> {
    return (await this.taken(options)).snapshot;
  }

  /** The lists and places that use cases are made of. */
  get parts() {
    const { disk, index, snapshots, repositories, leases, clock, source } = this;
    return {
      disk,
      index,
      snapshots,
      repositories,
      leases,
      clock,
      source,
      repair: new RepairBlob(disk, source, leases),
    };
  }

  /** Registers the repository; it serves the newest snapshot. */
  register(name = DEBIAN): Promise<Repository> {
    const settings = {
      command: 'true',
      sourceFolder: undefined,
      delay: 0,
      holdBack: 'window' as const,
      schedule: undefined,
      editions: ['community'] as const,
    };
    return this.repositories.add(name, settings, this.clock.now());
  }

  async freeze(snapshot: SnapshotId, until?: Date): Promise<void> {
    await this.repositories.freeze(DEBIAN, { snapshot, at: this.clock.now(), reason: undefined, until });
  }

  async states(repository = DEBIAN): Promise<Record<string, string>> {
    const all = await this.snapshots.list(repository);
    return Object.fromEntries(all.map(({ id, state }) => [id, state]));
  }

  async taken({
    disk = this.disk,
    source = this.source,
    signal,
    folder,
    repository = DEBIAN,
    packagesFrom = this.disk,
  }: TakeOptions = {}): Promise<SnapshotTaken> {
    this.clock.advance(MINUTE);
    this.attempts += 1;
    const settings = { clock: this.clock, shrink: 0.3, log: this.log };
    return new TakeSnapshot(disk, source, this.indexReading(packagesFrom), this.leases, settings).run({
      repository: { name: repository, sourceFolder: folder },
      attempt: `run-${String(this.attempts)}`,
      fence: await this.fence(),
      act: BY_TEST,
      signal: signal ?? new AbortController().signal,
    });
  }

  /** What a snapshot lists: path → content's hash. */
  async listed({ repository, id }: Pick<NewSnapshot, 'repository' | 'id'>): Promise<Record<string, string>> {
    const files = filesOf(await readManifest(this.disk, repository, id));
    return Object.fromEntries([...files].map(({ path, sha256 }) => [path, sha256]));
  }

  blobs(): readonly string[] {
    return readdirSync(join(this.root, 'blobs')).flatMap((folder) => readdirSync(join(this.root, 'blobs', folder)));
  }

  /** Everything that must not be; with what was seen before remembered. */
  async check(
    options: { readonly quiet?: boolean; readonly repositories?: readonly RepositoryName[] } = {},
  ): Promise<readonly string[]> {
    const { repositories = [DEBIAN], quiet = true } = options;
    const policies = new Map((await this.repositories.list()).map((repository) => [repository.name, repository]));
    const { memory, clock } = this;
    return checkWorld(this.root, repositories, this.index, { quiet, memory, policies, now: clock.now() });
  }
}

export interface TakeOptions {
  readonly disk?: Disk;
  readonly source?: Source;
  readonly signal?: AbortSignal;
  readonly folder?: string;
  readonly repository?: RepositoryName;
  /** Where the indexes of packages are read from. */
  readonly packagesFrom?: Disk;
}
