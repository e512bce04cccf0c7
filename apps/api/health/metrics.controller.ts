import { Controller, Get, Header, Inject } from '@nestjs/common';

import { METRICS, type Gauge, type Metrics } from '#libs/observability/metrics.js';

import { StaleCount } from './stale-count.js';

/** Numbers for Prometheus. They name no repository and no system. */
@Controller()
export class MetricsController {
  private readonly staleRepositories: Gauge;

  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(StaleCount) private readonly stale: StaleCount,
  ) {
    this.staleRepositories = metrics.gauge('stale_repositories', 'Repositories to which nothing new comes.');
  }

  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  async show(): Promise<string> {
    this.staleRepositories.set((await this.stale.get()) ?? Number.NaN);
    return this.metrics.exposition();
  }
}
