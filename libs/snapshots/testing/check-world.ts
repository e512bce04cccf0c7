import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { byBytes } from '#libs/kernel/byte-order.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { blobKey, manifestKey, type Sha256 } from '#libs/storage/layout.js';

import { type Catalog } from '../catalog/catalog.js';
import { filesOf, parseManifest, type Manifest } from '../manifest/read-manifest.js';
import { GRACE_MS } from '../serving-history.js';
import { type ListedFile, type Snapshot } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';
import { stableSnapshot, type ServingPolicy } from '../stable-snapshot.js';

export interface WorldStores {
  readonly snapshots: Pick<SnapshotStore, 'list' | 'lastSequence'>;
  readonly catalog: Catalog;
}

export interface WorldOptions {
  /** Nothing is under way and recovery has run: then no staging, no drafts and no manifest without a row may be left. */
  readonly quiet?: boolean;
  /** What was seen before; what is new is added. Given again later, it proves what has to last (I-03, I-05). */
  readonly memory?: WorldMemory;
  /** With these, what is served is looked up (I-04, I-05). */
  readonly policies?: ReadonlyMap<RepositoryName, ServingPolicy>;
  readonly now?: Date;
}

/** Of snapshots, by `<repository>/<id>`. */
export class WorldMemory {
  readonly seals = new Map<string, string>();
  /** When each one was seen to be served. What operators delete all the same has to be taken out. */
  readonly lastServed = new Map<string, Date>();

  copy(): WorldMemory {
    const copy = new WorldMemory();
    for (const [name, seal] of this.seals) copy.seals.set(name, seal);
    for (const [name, at] of this.lastServed) copy.lastServed.set(name, at);
    return copy;
  }
}

const VISIBLE = new Set(['complete', 'held', 'superseded']);

/**
 * Looks at a whole disk and its index with plain file calls, and names everything that must not be (trust §1): visible
 * snapshots that are not complete to the byte (I-01), that changed (I-03) or that the catalog tells otherwise (I-26),
 * a repository that serves nothing although it could (I-04), what was served lately and is gone (I-05), and what failed work left behind (I-15, I-25).
 */
export async function checkWorld(
  diskRoot: string,
  repositories: readonly RepositoryName[],
  stores: WorldStores,
  options: WorldOptions = {},
): Promise<readonly string[]> {
  const world = new World(diskRoot, stores, options);
  for (const repository of repositories) await world.checkRepository(repository);
  if (options.quiet === true) world.checkLeftovers(repositories);
  return world.violations;
}

class World {
  readonly violations: string[] = [];
  private readonly hashes = new Map<Sha256, Promise<{ readonly sha256: string; readonly size: number } | undefined>>();
  private readonly rows = new Map<RepositoryName, readonly Snapshot[]>();

  constructor(
    private readonly root: string,
    private readonly stores: WorldStores,
    private readonly options: WorldOptions,
  ) {}

  async checkRepository(repository: RepositoryName): Promise<void> {
    const snapshots = await this.stores.snapshots.list(repository);
    this.rows.set(repository, snapshots);
    await this.checkSequences(repository, snapshots);
    for (const snapshot of snapshots) {
      if (VISIBLE.has(snapshot.state)) await this.checkSnapshot(snapshot);
    }
    const policy = this.options.policies?.get(repository);
    if (policy) this.checkServed(repository, snapshots, policy);
  }

  private checkServed(repository: RepositoryName, snapshots: readonly Snapshot[], policy: ServingPolicy): void {
    const { now = new Date(), memory = new WorldMemory() } = this.options;
    const served = stableSnapshot(snapshots, policy, now);
    const canServe = snapshots.some(({ state }) => state === 'complete');
    if (canServe && served === undefined) this.violations.push(`I-04 ${repository}: serves nothing`);

    const there = new Set(snapshots.filter(({ state }) => state !== 'removing').map(({ id }) => `${repository}/${id}`));
    for (const [name, at] of memory.lastServed) {
      const isDue = name.startsWith(`${repository}/`) && now.getTime() - at.getTime() <= GRACE_MS;
      if (isDue && !there.has(name)) this.violations.push(`I-05 ${name}: was served at ${at.toISOString()}`);
    }
    if (served) memory.lastServed.set(`${repository}/${served.snapshot.id}`, now);
  }

  checkLeftovers(repositories: readonly RepositoryName[]): void {
    for (const folder of ['staging', '.drafts']) {
      for (const left of namesIn(join(this.root, folder))) this.violations.push(`I-15 left behind: ${folder}/${left}`);
    }
    for (const repository of repositories) {
      const known = new Set<string>(this.rows.get(repository)?.map(({ id }) => id));
      for (const id of namesIn(join(this.root, 'snapshots', repository))) {
        if (id !== '.noted' && !known.has(id))
          this.violations.push(`I-25 ${repository}/${id}: on the disk, not in the index`);
      }
    }
  }

  private async checkSequences(repository: RepositoryName, snapshots: readonly Snapshot[]): Promise<void> {
    const sequences = snapshots.map(({ sequence }) => sequence);
    const last = await this.stores.snapshots.lastSequence(repository);
    const grows = [...sequences, last + 1].every(
      (sequence, index, all) => index === 0 || sequence > (all[index - 1] ?? 0),
    );
    if (!grows) this.violations.push(`I-06 ${repository}: sequences ${sequences.join(', ')} with last ${String(last)}`);
  }

  private async checkSnapshot(snapshot: Snapshot): Promise<void> {
    const name = `${snapshot.repository}/${snapshot.id}`;
    const manifest = this.manifestOf(snapshot, name);
    if (manifest === undefined) return;
    const seal = this.sealOf(snapshot, name);
    if (manifest.sha256 !== seal || seal !== snapshot.manifestSha256) this.violations.push(`I-03 ${name}: was altered`);

    const files = [...filesOf(manifest)];
    if (files.length !== snapshot.files) this.violations.push(`I-01 ${name}: ${String(files.length)} files`);
    if (files.some((file, index) => index > 0 && byBytes(files[index - 1]?.path ?? '', file.path) >= 0)) {
      this.violations.push(`I-01 ${name}: not in byte order`);
    }
    for (const file of files) await this.checkBlob(name, file);
    await this.checkCatalog(snapshot, name, files);
  }

  /** As it was first seen. */
  private sealOf({ manifestSha256 }: Snapshot, name: string): string {
    const { seals = new Map<string, string>() } = this.options.memory ?? {};
    const seal = seals.get(name) ?? manifestSha256;
    seals.set(name, seal);
    return seal;
  }

  private manifestOf(snapshot: Snapshot, name: string): Manifest | undefined {
    try {
      return parseManifest(readFileSync(join(this.root, manifestKey(snapshot.repository, snapshot.id))));
    } catch (error) {
      this.violations.push(`I-01 ${name}: ${messageOf(error)}`);
      return undefined;
    }
  }

  private async checkBlob(name: string, file: ListedFile): Promise<void> {
    const known = this.hashes.get(file.sha256) ?? hashOf(join(this.root, blobKey(file.sha256)));
    this.hashes.set(file.sha256, known);
    const blob = await known;
    if (blob?.sha256 !== file.sha256 || blob.size !== file.size) {
      this.violations.push(`I-01 ${name}: "${file.path}" is ${blob === undefined ? 'missing' : 'wrong'}`);
    }
  }

  private async checkCatalog(snapshot: Snapshot, name: string, files: readonly ListedFile[]): Promise<void> {
    const told: string[] = [];
    for await (const file of this.stores.catalog.files(snapshot.repository, snapshot.sequence)) told.push(line(file));
    const listed = files.map(line);
    const differs = told.length !== listed.length || told.some((each, index) => each !== listed[index]);
    if (differs) this.violations.push(`I-26 ${name}: the catalog tells something else`);
  }
}

const line = ({ path, sha256, size, mtimeMs }: ListedFile): string => JSON.stringify([path, sha256, size, mtimeMs]);

async function hashOf(path: string): Promise<{ readonly sha256: string; readonly size: number } | undefined> {
  try {
    const digest = createHash('sha256');
    await pipeline(createReadStream(path), digest);
    return { sha256: digest.digest('hex'), size: statSync(path).size };
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
