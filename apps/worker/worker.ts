import { type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { failingParts } from '#libs/composition/failing-parts.js';
import { partOf } from '#libs/composition/part-of.js';
import { JOB_QUEUE, type JobWorker, type WorkOptions } from '#libs/jobs/job-queue.js';
import { type Act } from '#libs/kernel/actor.js';
import { SECOND } from '#libs/kernel/duration.js';
import { AppError, messageOf } from '#libs/kernel/errors.js';
import { MaintenanceWatch } from '#libs/maintenance/maintenance-watch.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { DATABASE } from '#libs/persistence/database.js';
import { eachRepository } from '#libs/repositories/each-repository.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { ReconcileSnapshots } from '#libs/snapshots/recovery/reconcile-snapshots.js';
import { DISK } from '#libs/storage/disk.js';
import { logUnlessOurs } from '#libs/storage/disk-marker.js';
import { RecoverRepositories } from '#libs/syncing/upkeep/recover-repositories.js';
import { WORKER } from '#libs/syncing/syncing.module.js';

import { assertAllHandled } from './handlers.js';
import { HANDLERS } from './worker.module.js';

/** Operators who remove a snapshot by hand see the effect within a minute. */
const RECONCILE_EVERY_MS = 20 * SECOND;

export interface WorkerOptions extends WorkOptions {
  /** Whether it works in a maintenance, too. */
  readonly force?: boolean;
}

/**
 * The worker as a running program: recovers what died, then does jobs until it is stopped. In a maintenance it brings to
 * its end what it has begun, and begins nothing else.
 */
export class Worker {
  private readonly timer: NodeJS.Timeout;
  /** What is recovered or compared just now. */
  private upkeep: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly jobs: JobWorker,
    private readonly maintenance: MaintenanceWatch,
  ) {
    if (maintenance.current !== undefined) jobs.pause();
    maintenance.onChange(() => {
      if (maintenance.current === undefined) void this.goOn();
      else jobs.pause();
    });
    // Beside the queue: there, it would wait while long syncs keep all hands busy.
    this.timer = setInterval(() => {
      if (maintenance.current === undefined) void this.attendTo(reconcile);
    }, RECONCILE_EVERY_MS);
  }

  /** @throws whatever keeps the parts from starting; Error when a job has no handler; AppError `NOTHING_BEGINS` */
  static async start(module: DynamicModule, { force = false, ...options }: WorkerOptions): Promise<Worker> {
    const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    try {
      const handlers = partOf(app, HANDLERS);
      assertAllHandled(handlers);
      await partOf(app, JOB_QUEUE).check();
      await logUnlessOurs(partOf(app, DISK), partOf(app, LOG));
      const maintenance = partOf(app, MaintenanceWatch);
      if (!force) await maintenance.start();
      if (maintenance.current === undefined) await recover(app);
      else if (options.once === true) throw nothingBegins();
      return new Worker(app, partOf(app, JOB_QUEUE).work(handlers, options), maintenance);
    } catch (error) {
      await app.close();
      throw error;
    }
  }

  get log(): Log {
    return partOf(this.app, LOG);
  }

  readonly isOutdated = (): boolean => partOf(this.app, DATABASE).isReplaced();

  readonly isWell = async (): Promise<boolean> =>
    (await failingParts(partOf(this.app, DATABASE), partOf(this.app, DISK))).length === 0;

  /** Resolves when nothing that was ready is left, if it was started to work once. */
  get idle(): Promise<void> {
    return this.jobs.idle;
  }

  /** Takes nothing new, ends what runs, which is then taken up by another worker, and lets go of everything. */
  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    clearInterval(this.timer);
    await this.jobs.close();
    await this.upkeep;
    await this.app.close();
  }

  /** After a maintenance, in which somebody may have changed things by hand, as after a start. */
  private async goOn(): Promise<void> {
    await this.upkeep;
    await this.attendTo(recover);
    if (this.maintenance.current === undefined && this.stopped === undefined) this.jobs.resume();
  }

  private attendTo(work: (app: INestApplicationContext) => Promise<void>): Promise<void> {
    this.upkeep ??= work(this.app)
      .catch((error: unknown) => {
        this.log.error('upkeep failed', { error: messageOf(error) });
      })
      .finally(() => (this.upkeep = undefined));
    return this.upkeep;
  }
}

async function recover(app: INestApplicationContext): Promise<void> {
  await partOf(app, RecoverRepositories).run(actOf(app));
  await reconcile(app);
}

async function reconcile(app: INestApplicationContext): Promise<void> {
  const reconcileSnapshots = partOf(app, ReconcileSnapshots);
  const act = actOf(app);
  const log = partOf(app, LOG);
  try {
    const repositories = await partOf(app, REPOSITORY_STORE).list();
    await eachRepository(repositories, log, (repository) => reconcileSnapshots.run(repository, act));
  } catch (error) {
    log.error('snapshots not compared with the disk', { error: messageOf(error) });
  }
}

const nothingBegins = (): AppError =>
  new AppError('unavailable', 'NOTHING_BEGINS', 'Nothing is begun in a maintenance.', {
    hint: 'Wait for parceler up, or work all the same: queue:work --force.',
  });

const actOf = (app: INestApplicationContext): Act => ({ actor: partOf(app, WORKER) });
