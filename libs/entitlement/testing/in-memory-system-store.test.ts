import { InMemorySystemStore } from './in-memory-system-store.js';
import { describeSystemStore } from './system-store.contract.js';

describeSystemStore('in memory', async () => ({ store: new InMemorySystemStore(), close: async () => undefined }));
