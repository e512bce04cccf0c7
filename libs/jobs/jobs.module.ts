import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';

import { type Config, CONFIG } from '#libs/config/config.js';
import { type Clock, CLOCK } from '#libs/kernel/clock.js';
import { type Log, LOG } from '#libs/observability/log.js';

import { EmbeddedQueue } from './adapters/embedded-queue.js';
import { JOB_QUEUE, type JobQueue } from './job-queue.js';

@Module({})
export class JobsModule implements OnApplicationShutdown {
  static register(imports: { readonly config: DynamicModule; readonly observability: DynamicModule }): DynamicModule {
    return {
      module: JobsModule,
      imports: [imports.config, imports.observability],
      providers: [
        {
          provide: JOB_QUEUE,
          useFactory: ({ queue }: Config, clock: Clock, log: Log) => new EmbeddedQueue(queue.file, { clock, log }),
          inject: [CONFIG, CLOCK, LOG],
        },
      ],
      exports: [JOB_QUEUE],
    };
  }

  constructor(@Inject(JOB_QUEUE) private readonly queue: JobQueue) {}

  onApplicationShutdown(): Promise<void> {
    return this.queue.close();
  }
}
