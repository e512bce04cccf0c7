import { heldLeaseInMemory } from '#libs/persistence/testing/held-lease.js';

import { InMemoryRunStore } from './in-memory-run-store.js';
import { describeRunStore } from './run-store.contract.js';

describeRunStore('InMemoryRunStore', () => {
  const { holds, ...lease } = heldLeaseInMemory();
  return Promise.resolve({ store: new InMemoryRunStore(holds), ...lease, close: () => Promise.resolve() });
});
