import { InMemoryRunStore } from './in-memory-run-store.js';
import { describeRunStore } from './run-store.contract.js';

describeRunStore('InMemoryRunStore', () =>
  Promise.resolve({ store: new InMemoryRunStore(), close: () => Promise.resolve() }),
);
