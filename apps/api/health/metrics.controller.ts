import { Controller, Get, Header, Inject } from '@nestjs/common';

import { METRICS, type Gauge, type Metrics } from '#libs/observability/metrics.js';

import { FreeSpace, VOLUMES } from './free-space.js';
import { StaleCount } from './stale-count.js';

/** Numbers for Prometheus. They name no repository and no system. */
@Controller()
export class MetricsController {
  private readonly staleRepositories: Gauge;
  private readonly freeBytes: Gauge;

  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(StaleCount) private readonly stale: StaleCount,
    @Inject(FreeSpace) private readonly space: FreeSpace,
  ) {
    this.staleRepositories = metrics.gauge('stale_repositories', 'Repositories to which nothing new comes.');
    this.freeBytes = metrics.gauge('free_bytes', 'Bytes that can still be written.', ['volume']);
  }

  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  async show(): Promise<string> {
    this.staleRepositories.set((await this.stale.get()) ?? Number.NaN);
    const free = await this.space.bytes();
    for (const volume of VOLUMES) this.freeBytes.set(free.get(volume) ?? Number.NaN, { volume });
    return this.metrics.exposition();
  }
}
