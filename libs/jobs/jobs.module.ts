import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide } from '#libs/kernel/provider.js';
import { LOG } from '#libs/observability/log.js';

import { openQueue } from './adapters/open-queue.js';
import { JOB_QUEUE, type JobQueue } from './job-queue.js';

@Module({})
export class JobsModule implements OnApplicationShutdown {
  static register(imports: { readonly config: DynamicModule; readonly observability: DynamicModule }): DynamicModule {
    return {
      module: JobsModule,
      imports: [imports.config, imports.observability],
      providers: [provide(JOB_QUEUE, [CONFIG, CLOCK, LOG], ({ queue }, clock, log) => openQueue(queue, clock, log))],
      exports: [JOB_QUEUE],
    };
  }

  constructor(@Inject(JOB_QUEUE) private readonly queue: JobQueue) {}

  onApplicationShutdown(): Promise<void> {
    return this.queue.close();
  }
}
