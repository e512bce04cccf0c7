import {
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  Registry,
  collectDefaultMetrics,
} from 'prom-client';

import { type Counter, type Gauge, type Histogram, type Metrics } from '../metrics.js';

const PREFIX = 'parceler_';
const USUAL_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 3600];

/** Metrics for Prometheus, in a registry of their own; every name begins with `parceler_`. */
export class PromMetrics implements Metrics {
  private readonly registry = new Registry();
  private readonly instruments = new Map<string, unknown>();

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: PREFIX });
  }

  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    return this.once(name, () => {
      const counter = new PromCounter({ ...this.described(name, help), labelNames: [...labels] });
      return { add: (values = {}, by = 1) => counter.inc(values, by) };
    });
  }

  gauge(name: string, help: string, labels: readonly string[] = []): Gauge {
    return this.once(name, () => {
      const gauge = new PromGauge({ ...this.described(name, help), labelNames: [...labels] });
      return { set: (value, values = {}) => gauge.set(values, value) };
    });
  }

  histogram(name: string, help: string, labels: readonly string[] = [], buckets = USUAL_BUCKETS): Histogram {
    return this.once(name, () => {
      const options = { ...this.described(name, help), labelNames: [...labels], buckets: [...buckets] };
      const histogram = new PromHistogram(options);
      return { observe: (seconds, values = {}) => histogram.observe(values, seconds) };
    });
  }

  exposition(): Promise<string> {
    return this.registry.metrics();
  }

  private described(name: string, help: string): { name: string; help: string; registers: Registry[] } {
    return { name: `${PREFIX}${name}`, help, registers: [this.registry] };
  }

  private once<T>(name: string, make: () => T): T {
    const known = this.instruments.get(name) as T | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.instruments.set(name, made);
    return made;
  }
}
