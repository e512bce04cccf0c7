import { type Metrics } from './metrics.js';

/** For programs that end before anybody could ask them. */
export const uncounted: Metrics = {
  counter: () => ({ add: () => undefined }),
  gauge: () => ({ set: () => undefined }),
  histogram: () => ({ observe: () => undefined }),
  exposition: () => Promise.resolve(''),
};
