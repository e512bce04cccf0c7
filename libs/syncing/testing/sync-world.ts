import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ChildProcessRunner } from '#libs/commands/adapters/child-process-runner.js';
import { probeCapabilities } from '#libs/commands/adapters/probe-capabilities.js';
import { Secret } from '#libs/config/secret.js';
import { EmbeddedQueue } from '#libs/jobs/adapters/embedded-queue.js';
import { type JobState } from '#libs/jobs/job-queue.js';
import { countJobs } from '#libs/jobs/testing/count-jobs.js';
import { actor, type Act } from '#libs/kernel/actor.js';
import { SECOND } from '#libs/kernel/duration.js';
import { repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { type FixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { silentLog, type Log, type LogFields } from '#libs/observability/log.js';
import { type RepositorySettings } from '#libs/repositories/repository.js';
import { type InMemoryRepositoryStore } from '#libs/repositories/testing/in-memory-repository-store.js';
import { unreadIn } from '#libs/snapshots/packages/package-catalog.js';
import { TakeSnapshot } from '#libs/snapshots/take-snapshot.js';
import { SnapshotWorld } from '#libs/snapshots/testing/snapshot-world.js';

import { LocalWorkplace } from '../adapters/local-workplace.js';
import { AttemptRun } from '../attempt-run.js';
import { RunSyncCommand } from '../run-sync-command.js';
import { type MilestoneOptions, type Run } from '../runs/run.js';
import { type RunStore } from '../runs/run-store.js';
import { SyncAndSnapshot, type SnapshotSteps } from '../sync-and-snapshot.js';
import { SyncRepository } from '../sync-repository.js';
import { InMemoryRunStore } from './in-memory-run-store.js';

export const BY_ROOT: Act = { actor: actor('cli', 'root') };
export const DEBIAN: RepositoryName = repositoryName('debian');

export interface SyncWorldOptions {
  readonly timeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly steps?: Partial<SnapshotSteps>;
  /** Take the places of the world's own. */
  readonly parts?: Partial<SnapshotWorld['parts']>;
  /** Stands between the sync and the runs. */
  readonly runs?: (runs: RunStore) => RunStore;
}

interface Attempting {
  readonly attemptRun: AttemptRun;
  readonly syncAndSnapshot: SyncAndSnapshot;
}

/** Syncs with real commands, files and snapshots; stores in memory, the queue in a file. */
export class SyncWorld {
  readonly runs = new InMemoryRunStore();
  readonly queue: EmbeddedQueue;
  readonly logged: (readonly [message: string, fields?: LogFields])[] = [];
  readonly waits: number[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'parceler-syncing-'));
  private readonly queueFile = join(this.folder, 'queue.sqlite');

  private constructor(readonly snapshots: SnapshotWorld) {
    this.queue = new EmbeddedQueue(this.queueFile, { clock: this.clock, log: silentLog });
  }

  static async make(): Promise<SyncWorld> {
    return new SyncWorld(await SnapshotWorld.make());
  }

  async remove(): Promise<void> {
    await this.queue.close();
    this.snapshots.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get clock(): FixedClock {
    return this.snapshots.clock;
  }

  get repositories(): InMemoryRepositoryStore {
    return this.snapshots.repositories;
  }

  /** Keeps what is logged. */
  get log(): Log {
    const keep = (message: string, fields?: LogFields): void => {
      this.logged.push(fields === undefined ? [message] : [message, fields]);
    };
    return { debug: keep, info: keep, warn: keep, error: keep, with: () => this.log };
  }

  async addRepository(command: string, settings: Partial<RepositorySettings> = {}, name = DEBIAN): Promise<void> {
    const usual = { sourceFolder: undefined, delay: 7, holdBack: 'window', schedule: undefined } as const;
    const all: RepositorySettings = { ...usual, editions: ['community'], command, ...settings };
    await this.repositories.add(name, all, this.clock.now());
  }

  /** A run that waits for a worker. */
  async requested(repository = DEBIAN, milestone?: MilestoneOptions): Promise<Run> {
    const kind = milestone === undefined ? 'sync' : 'milestone';
    const at = this.clock.now();
    const requested = await this.runs.request({ kind, milestone, repository, at, act: BY_ROOT });
    if (requested === undefined) throw new Error('not added');
    return requested.run;
  }

  async found(id: number): Promise<Run> {
    const run = await this.runs.find(id);
    if (run === undefined) throw new Error(`no run ${String(id)}`);
    return run;
  }

  jobs(state: JobState): number {
    return countJobs(this.queueFile, state);
  }

  async logOf(id: number): Promise<string> {
    return (await this.runs.log(id, 1)).map(({ text }) => text).join('');
  }

  async syncRepository(options?: SyncWorldOptions): Promise<SyncRepository> {
    const { attemptRun, syncAndSnapshot } = await this.attempting(options);
    return new SyncRepository(attemptRun, syncAndSnapshot);
  }

  /** What all runs are made of. */
  async attempting(options: SyncWorldOptions = {}): Promise<Attempting> {
    const { disk, source, index, leases } = { ...this.snapshots.parts, ...options.parts };
    const runs = options.runs?.(this.runs) ?? this.runs;
    const surroundings = { clock: this.clock, log: this.log, worker: actor('worker', 'test') };
    const attemptRun = new AttemptRun(runs, this.repositories, leases, surroundings, async (ms) => this.waits.push(ms));
    const limits = { timeoutMs: options.timeoutMs ?? 60 * SECOND, idleTimeoutMs: options.idleTimeoutMs ?? 60 * SECOND };
    const command = new RunSyncCommand(
      new ChildProcessRunner(await probeCapabilities(), { graceMs: SECOND }),
      new LocalWorkplace(disk, this.snapshots.root, join(this.folder, 'locks')),
      { ...limits, environment: new Secret({ GREETING: 'hello' }) },
    );
    const steps: SnapshotSteps = {
      recover: async () => undefined,
      madeBefore: async ({ run }) => (await index.snapshots.list(DEBIAN)).find((made) => made.run === run.id),
      take: new TakeSnapshot(disk, source, index, leases, { clock: this.clock, shrink: 0.3, log: this.log }),
      unread: ({ repository, sequence }) => unreadIn(this.snapshots.packages, repository, sequence),
      prune: async () => undefined,
      ...options.steps,
    };
    return { attemptRun, syncAndSnapshot: new SyncAndSnapshot(command, steps, this.log) };
  }
}
