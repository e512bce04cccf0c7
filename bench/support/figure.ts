import { type Bench } from './bench.js';

export type Unit = 'ratio' | 'requests/s' | 'µs' | 'ms' | 's' | 'MB';

export type Goal = { readonly unit: Unit } & ({ readonly atLeast: number } | { readonly atMost: number });

/** One thing measured once a round. */
export interface Series {
  readonly of: string;
  readonly unit: Unit;
  readonly values: readonly number[];
}

export interface Measured {
  /** What is held against the goal, once a round; their median counts. */
  readonly values: readonly number[];
  /** What it is made of: ours and the peer's, absolute, which drift with the machine. */
  readonly series: readonly Series[];
  readonly notes: readonly string[];
}

/** A number that the project promises, and the way to measure it. */
export interface Figure {
  /** As in the design of speed: `S1`. */
  readonly id: string;
  readonly title: string;
  /** What the figure means for whoever runs Parceler, and how it is measured: a paragraph of Markdown. */
  readonly meaning: string;
  readonly goal: Goal;
  run(bench: Bench): Promise<Measured>;
}
