import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';

import { JOB_QUEUE, type JobQueue } from '#libs/jobs/job-queue.js';
import { REPOSITORY_STORE, type RepositoryStore } from '#libs/repositories/repository-store.js';
import { RequeueOpenRuns } from '#libs/syncing/upkeep/requeue-open-runs.js';
import { QueueDueSyncs } from '#libs/syncing/schedule/queue-due-syncs.js';

import { schedules } from './schedules.js';

export const SCHEDULES = Symbol('Schedules');

@Module({})
export class SchedulerModule {
  static register(imports: {
    readonly observability: DynamicModule;
    readonly jobs: DynamicModule;
    readonly repositories: DynamicModule;
    readonly syncing: DynamicModule;
  }): DynamicModule {
    return {
      module: SchedulerModule,
      imports: [ScheduleModule.forRoot(), imports.observability, imports.jobs, imports.repositories, imports.syncing],
      providers: [
        {
          provide: SCHEDULES,
          useFactory: (
            queueDueSyncs: QueueDueSyncs,
            requeueOpenRuns: RequeueOpenRuns,
            repositories: RepositoryStore,
            queue: JobQueue,
          ) => schedules({ queueDueSyncs, requeueOpenRuns, repositories, queue }),
          inject: [QueueDueSyncs, RequeueOpenRuns, REPOSITORY_STORE, JOB_QUEUE],
        },
      ],
    };
  }
}
