import { Module, type DynamicModule } from '@nestjs/common';

import { JOB_QUEUE } from '#libs/jobs/job-queue.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide } from '#libs/kernel/provider.js';
import { LOG } from '#libs/observability/log.js';
import { DATABASE } from '#libs/persistence/database.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';

import { DatabaseRunStore } from './adapters/database-run-store.js';
import { RequestRun } from './request-run.js';
import { RUN_STORE } from './runs/run-store.js';

/** Runs, and how to ask for one: all that the api needs of syncing, which has no commands to run. */
@Module({})
export class RunRequestsModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly persistence: DynamicModule;
    readonly jobs: DynamicModule;
    readonly repositories: DynamicModule;
  }): DynamicModule {
    const { config, observability, persistence, jobs, repositories } = imports;
    return {
      module: RunRequestsModule,
      imports: [config, observability, persistence, jobs, repositories],
      providers: [
        provide(RUN_STORE, [DATABASE], (database) => new DatabaseRunStore(database)),
        provide(
          RequestRun,
          [REPOSITORY_STORE, RUN_STORE, JOB_QUEUE, CLOCK, LOG],
          (repositories, runs, queue, clock, log) => new RequestRun(repositories, runs, queue, { clock, log }),
        ),
      ],
      exports: [RUN_STORE, RequestRun],
    };
  }
}
