import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG, type Config } from '#libs/config/config.js';

import { LOG, silentLog } from './log.js';
import { METRICS } from './metrics.js';
import { uncounted } from './uncounted.js';

@Module({})
export class ObservabilityModule {
  /** @param imports.service which program this is; the command line keeps quiet, and only the api can be asked for numbers */
  static register(imports: { readonly config: DynamicModule; readonly service: string }): DynamicModule {
    return {
      module: ObservabilityModule,
      imports: [imports.config],
      providers: [
        {
          provide: LOG,
          useFactory: async ({ app }: Config) => {
            if (imports.service === 'cli') return silentLog;
            const { pinoLog } = await import('./adapters/pino-log.js');
            return pinoLog({ level: app.logLevel, service: imports.service });
          },
          inject: [CONFIG],
        },
        {
          provide: METRICS,
          useFactory: async () => {
            if (imports.service !== 'api') return uncounted;
            const { PromMetrics } = await import('./adapters/prom-metrics.js');
            return new PromMetrics();
          },
        },
      ],
      exports: [LOG, METRICS],
    };
  }
}
