import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK } from '#libs/kernel/clock.js';
import { provideClass } from '#libs/kernel/provider.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { RequestRun } from '#libs/syncing/request-run.js';

import { RequestMilestone } from './request-milestone.js';

/** How to ask for a milestone release, for programs that do not make any. */
@Module({})
export class MilestoneRequestsModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly repositories: DynamicModule;
    readonly runRequests: DynamicModule;
  }): DynamicModule {
    const { config, repositories, runRequests } = imports;
    return {
      module: MilestoneRequestsModule,
      imports: [config, repositories, runRequests],
      providers: [provideClass(RequestMilestone, [REPOSITORY_STORE, RequestRun, CLOCK])],
      exports: [RequestMilestone],
    };
  }
}
