import { Controller, Get, Header, Inject } from '@nestjs/common';

import { METRICS, type Metrics } from '#libs/observability/metrics.js';

/** Numbers for Prometheus. They name no repository and no system. */
@Controller()
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  show(): Promise<string> {
    return this.metrics.exposition();
  }
}
