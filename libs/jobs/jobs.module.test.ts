import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type DynamicModule, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK, systemClock } from '#libs/kernel/clock.js';
import { LOG, silentLog } from '#libs/observability/log.js';

import { JOB_QUEUE, type JobQueue } from './job-queue.js';
import { JobsModule } from './jobs.module.js';

const providing = (module: DynamicModule['module'], values: ReadonlyMap<symbol, unknown>): DynamicModule => ({
  module,
  providers: [...values].map(([provide, useValue]) => ({ provide, useValue })),
  exports: [...values.keys()],
});

@Module({})
class ConfigForTest {}

@Module({})
class ObservabilityForTest {}

describe('JobsModule', () => {
  it('opens the configured queue, and closes it with the application', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'queue-')), 'queue.sqlite');
    const config = new Map<symbol, unknown>([
      [CONFIG, { queue: { driver: 'file', file } }],
      [CLOCK, systemClock],
    ]);
    const module = JobsModule.register({
      config: providing(ConfigForTest, config),
      observability: providing(ObservabilityForTest, new Map([[LOG, silentLog]])),
    });
    const app = await Test.createTestingModule({ imports: [module] }).compile();
    const queue = app.get<JobQueue>(JOB_QUEUE, { strict: false });
    expect(await queue.failed()).toEqual([]);
    expect(existsSync(file)).toBe(true);
    await app.close();
    await expect(queue.failed()).rejects.toThrow('not open');
  });
});
