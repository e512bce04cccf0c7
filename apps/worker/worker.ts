import { type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { partOf } from '#libs/composition/part-of.js';
import { JOB_QUEUE, type JobWorker, type WorkOptions } from '#libs/jobs/job-queue.js';
import { type Act } from '#libs/kernel/actor.js';
import { SECOND } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
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

/** The worker as a running program: recovers what died, then does jobs until it is stopped. */
export class Worker {
  private readonly timer: NodeJS.Timeout;
  private reconciling: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly jobs: JobWorker,
  ) {
    // Beside the queue: there, it would wait while long syncs keep all hands busy.
    this.timer = setInterval(() => {
      this.reconciling ??= reconcile(app).finally(() => (this.reconciling = undefined));
    }, RECONCILE_EVERY_MS);
  }

  /** @throws whatever keeps the parts from starting; Error when a job has no handler */
  static async start(module: DynamicModule, options: WorkOptions): Promise<Worker> {
    const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    try {
      const handlers = partOf(app, HANDLERS);
      assertAllHandled(handlers);
      await partOf(app, JOB_QUEUE).check();
      await logUnlessOurs(partOf(app, DISK), partOf(app, LOG));
      await partOf(app, RecoverRepositories).run(actOf(app));
      await reconcile(app);
      return new Worker(app, partOf(app, JOB_QUEUE).work(handlers, options));
    } catch (error) {
      await app.close();
      throw error;
    }
  }

  get log(): Log {
    return partOf(this.app, LOG);
  }

  readonly isOutdated = (): boolean => partOf(this.app, DATABASE).isReplaced();

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
    await this.reconciling;
    await this.app.close();
  }
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

const actOf = (app: INestApplicationContext): Act => ({ actor: partOf(app, WORKER) });
