import { PromMetrics } from './prom-metrics.js';

describe('PromMetrics', () => {
  it('exposes counters, gauges and histograms with their labels', async () => {
    const metrics = new PromMetrics();
    metrics.counter('requests_total', 'requests', ['status']).add({ status: '200' }, 2);
    metrics.gauge('queue_depth', 'waiting jobs').set(7);
    metrics.histogram('run_seconds', 'runs', ['kind'], [1, 10]).observe(3, { kind: 'sync' });
    const text = await metrics.exposition();
    expect(text).toContain('parceler_requests_total{status="200"} 2');
    expect(text).toContain('parceler_queue_depth 7');
    expect(text).toContain('parceler_run_seconds_bucket{le="10",kind="sync"} 1');
  });

  it('gives the same instrument for the same name', async () => {
    const metrics = new PromMetrics();
    metrics.counter('requests_total', 'requests').add();
    metrics.counter('requests_total', 'requests').add();
    expect(await metrics.exposition()).toContain('parceler_requests_total 2');
  });
});
