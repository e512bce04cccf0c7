import { Controller, Get, Header, Inject } from '@nestjs/common';

import { MaintenanceWatch } from '#libs/maintenance/maintenance-watch.js';
import { METRICS, type Gauge, type Metrics } from '#libs/observability/metrics.js';

import { FreeSpace, VOLUMES } from './free-space.js';
import { StaleCount } from './stale-count.js';

/** Numbers for Prometheus. They name no repository and no system. */
@Controller()
export class MetricsController {
  private readonly staleRepositories: Gauge;
  private readonly freeBytes: Gauge;
  private readonly inMaintenance: Gauge;

  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(StaleCount) private readonly stale: StaleCount,
    @Inject(FreeSpace) private readonly space: FreeSpace,
    @Inject(MaintenanceWatch) private readonly maintenance: MaintenanceWatch,
  ) {
    this.staleRepositories = metrics.gauge('stale_repositories', 'Repositories to which nothing new comes.');
    this.freeBytes = metrics.gauge('free_bytes', 'Bytes that can still be written.', ['volume']);
    this.inMaintenance = metrics.gauge('maintenance', '1 while there is a maintenance, else 0.');
  }

  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  async show(): Promise<string> {
    this.staleRepositories.set((await this.stale.get()) ?? Number.NaN);
    this.inMaintenance.set(this.maintenance.current === undefined ? 0 : 1);
    const free = await this.space.bytes();
    for (const volume of VOLUMES) this.freeBytes.set(free.get(volume) ?? Number.NaN, { volume });
    return this.metrics.exposition();
  }
}
