import { InMemoryVerdictStore } from './in-memory-verdict-store.js';
import { describeVerdictStore } from './verdict-store.contract.js';

describeVerdictStore('in memory', async () => {
  const store = new InMemoryVerdictStore();
  return { store, elsewhere: store, arrive: async () => undefined, close: async () => undefined };
});
