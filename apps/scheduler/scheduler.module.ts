import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';

import { JOB_QUEUE } from '#libs/jobs/job-queue.js';
import { provide, token } from '#libs/kernel/provider.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { RequeueOpenRuns } from '#libs/syncing/upkeep/requeue-open-runs.js';
import { QueueDueSyncs } from '#libs/syncing/schedule/queue-due-syncs.js';

import { schedules, type Schedule } from './schedules.js';

export const SCHEDULES = token<readonly Schedule[]>('Schedules');

@Module({})
export class SchedulerModule {
  static register(imports: {
    readonly observability: DynamicModule;
    readonly jobs: DynamicModule;
    readonly repositories: DynamicModule;
    readonly syncing: DynamicModule;
    readonly maintenance: DynamicModule;
  }): DynamicModule {
    const { observability, jobs, repositories, syncing, maintenance } = imports;
    return {
      module: SchedulerModule,
      imports: [ScheduleModule.forRoot(), observability, jobs, repositories, syncing, maintenance],
      providers: [
        provide(
          SCHEDULES,
          [QueueDueSyncs, RequeueOpenRuns, REPOSITORY_STORE, JOB_QUEUE],
          async (queueDueSyncs, requeueOpenRuns, repositories, queue) => {
            await queue.check();
            return schedules({ queueDueSyncs, requeueOpenRuns, repositories, queue });
          },
        ),
      ],
    };
  }
}
