import { heldLeaseInMemory } from '#libs/persistence/testing/held-lease.js';

import { InMemoryRepositoryStore } from './in-memory-repository-store.js';
import { describeRepositoryStore } from './repository-store.contract.js';

describeRepositoryStore('InMemoryRepositoryStore', () => {
  const { holds, ...lease } = heldLeaseInMemory();
  return Promise.resolve({ store: new InMemoryRepositoryStore(holds), ...lease, close: () => Promise.resolve() });
});
