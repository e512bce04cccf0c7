import { token } from '#libs/kernel/provider.js';

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(labels?: Labels, by?: number): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
}
export interface Histogram {
  /** Seconds, as Prometheus wants durations. */
  observe(seconds: number, labels?: Labels): void;
}

/**
 * Numbers for operators. Names come without `parceler_`, which the exposition puts before them all. Asking twice for the
 * same name gives the same instrument; label values must be few.
 */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  histogram(name: string, help: string, labels?: readonly string[], buckets?: readonly number[]): Histogram;
  /** The Prometheus text exposition. */
  exposition(): Promise<string>;
}

export const METRICS = token<Metrics>('Metrics');
