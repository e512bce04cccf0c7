import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { partOf } from '#libs/composition/part-of.js';
import { composeModules } from '#libs/composition/compose-modules.js';
import { environmentOf } from '#libs/config/testing/environment-of.js';
import { loadConfig } from '#libs/config/load-config.js';
import { actor } from '#libs/kernel/actor.js';
import { CLOCK, systemClock, type Clock } from '#libs/kernel/clock.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { CATALOG } from '#libs/snapshots/catalog/catalog.js';
import { filesOf, parseManifest } from '#libs/snapshots/manifest/read-manifest.js';
import { SNAPSHOT_STORE, type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { checkWorld, type WorldMemory } from '#libs/snapshots/testing/check-world.js';
import { RecoverRepositories } from '#libs/syncing/upkeep/recover-repositories.js';
import { RequestRun } from '#libs/syncing/request-run.js';
import { RUN_STORE, type RunStore } from '#libs/syncing/runs/run-store.js';

const BY_TEST = { actor: actor('worker', 'crash-test') };

/** The parts of a Parceler in this process, over a storage folder that other processes may work on too. */
export class Inside {
  private constructor(
    private readonly app: INestApplicationContext,
    private readonly storage: string,
    private readonly clock: Clock,
  ) {}

  static async open(storage: string, clock: Clock = systemClock): Promise<Inside> {
    const config = loadConfig(environmentOf({ STORAGE_PATH: storage, LOG_LEVEL: 'silent' }));
    const app = await Test.createTestingModule({ imports: Object.values(composeModules(config, { service: 'cli' })) })
      .overrideProvider(CLOCK)
      .useValue(clock)
      .compile();
    return new Inside(await app.init(), storage, clock);
  }

  /** A second Parceler in the state of this one. Blobs are immutable, so that links to them do as well as copies. */
  copyTo(storage: string): void {
    mkdirSync(join(storage, 'disk'), { recursive: true });
    const copy = (options: string, from: string, names: readonly string[]): unknown =>
      execFileSync('cp', [options, ...names.map((name) => join(this.storage, from, name)), join(storage, from)]);
    copy(
      '-a',
      '.',
      namesIn(this.storage).filter((name) => name !== 'disk'),
    );
    copy(
      '-a',
      'disk',
      namesIn(join(this.storage, 'disk')).filter((name) => name !== 'blobs'),
    );
    copy('-al', 'disk', ['blobs']);
  }

  get runs(): RunStore {
    return partOf(this.app, RUN_STORE);
  }

  get requestRun(): RequestRun {
    return this.app.get(RequestRun, { strict: false });
  }

  /** What a worker does when it starts. */
  recover(): Promise<void> {
    return this.app.get(RecoverRepositories, { strict: false }).run(BY_TEST);
  }

  /** Violations of the invariants. @param quiet nothing is under way */
  async check(memory: WorldMemory, quiet: boolean, now = this.clock.now()): Promise<readonly string[]> {
    const repositories = await partOf(this.app, REPOSITORY_STORE).list();
    const stores = { snapshots: this.snapshots, catalog: partOf(this.app, CATALOG) };
    const policies = new Map(repositories.map((repository) => [repository.name, repository]));
    const options = { quiet, memory, policies, now };
    return checkWorld(join(this.storage, 'disk'), [...policies.keys()], stores, options);
  }

  /** All that a second recovery must not change: the snapshots of the index, and every file that is ours. */
  async state(): Promise<readonly string[]> {
    const repositories = await partOf(this.app, REPOSITORY_STORE).list();
    const snapshots = await Promise.all(repositories.map(({ name }) => this.snapshots.list(name)));
    const files = ['blobs', 'snapshots', 'staging', '.drafts'].flatMap((name) => this.filesBelow(join('disk', name)));
    return [...snapshots.flat().map((snapshot) => JSON.stringify(snapshot)), ...files];
  }

  /** The contents that the manifests on the disk name. */
  async neededBlobs(): Promise<ReadonlySet<string>> {
    const folder = join(this.storage, 'disk/snapshots');
    const manifests = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'));
    const lists = manifests.map((name) => parseManifest(readFileSync(join(folder, name))));
    return new Set(lists.flatMap((manifest) => [...filesOf(manifest)].map(({ sha256 }) => sha256)));
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private get snapshots(): SnapshotStore {
    return partOf(this.app, SNAPSHOT_STORE);
  }

  private filesBelow(folder: string): readonly string[] {
    return readdirSync(join(this.storage, folder), { recursive: true, encoding: 'utf8' })
      .toSorted()
      .map((name) => {
        const path = join(folder, name);
        const { size, ino } = statSync(join(this.storage, path));
        return `${path} ${String(ino)} ${String(size)}`;
      });
  }
}

const namesIn = (folder: string): readonly string[] => readdirSync(folder);
