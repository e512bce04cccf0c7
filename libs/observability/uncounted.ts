import { type Metrics } from './metrics.js';

/** For programs that nobody can ask for numbers. */
export const uncounted: Metrics = {
  counter: () => ({ add: () => undefined }),
  gauge: () => ({ set: () => undefined }),
  histogram: () => ({ observe: () => undefined }),
  exposition: () => Promise.resolve(''),
};
