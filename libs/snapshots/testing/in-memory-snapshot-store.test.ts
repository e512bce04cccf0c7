import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { describeCatalog } from './catalog.contract.js';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.js';
import { type SnapshotIndex } from './snapshot-index.js';
import { describeSnapshotStore } from './snapshot-store.contract.js';

async function inMemoryIndex(): Promise<SnapshotIndex> {
  const clock = fixedClock('2026-03-10T12:00:00Z');
  let holder = 1;
  const store = new InMemorySnapshotStore(({ token }) => token === holder, clock);
  return {
    store,
    catalog: store.catalog,
    clock,
    fence: { name: 'repository:debian', token: 1 },
    overtake: async () => void (holder += 1),
    audits: async () => store.audit.map(({ action, subject, act }) => ({ action, subject, reason: act.reason })),
    remove: async () => undefined,
  };
}

describeSnapshotStore('InMemorySnapshotStore', inMemoryIndex);
describeCatalog('InMemoryCatalog', inMemoryIndex);
