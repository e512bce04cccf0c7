import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK, systemClock } from '#libs/kernel/clock.js';

import { CONFIG, type Config } from './config.js';

@Module({})
export class ConfigModule {
  static register(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useValue: systemClock },
      ],
      exports: [CONFIG, CLOCK],
    };
  }
}
