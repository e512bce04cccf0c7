import { InMemoryRepositoryStore } from './in-memory-repository-store.js';
import { describeRepositoryStore } from './repository-store.contract.js';

describeRepositoryStore('InMemoryRepositoryStore', () =>
  Promise.resolve({ store: new InMemoryRepositoryStore(), close: () => Promise.resolve() }),
);
