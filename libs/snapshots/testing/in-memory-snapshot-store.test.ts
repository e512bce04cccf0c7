import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { heldLeaseInMemory } from '#libs/persistence/testing/held-lease.js';
import { type Freeze } from '#libs/repositories/repository.js';

import { DEBIAN } from './arbitrary-snapshots.js';
import { describeCatalog } from './catalog.contract.js';
import { InMemoryPackageCatalog } from './in-memory-package-catalog.js';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.js';
import { type IndexUnderTest } from './index-under-test.js';
import { describePackageCatalog } from './package-catalog.contract.js';
import { describeReadmission } from './readmission.contract.js';
import { describeSnapshotStore } from './snapshot-store.contract.js';

async function inMemoryIndex(): Promise<IndexUnderTest> {
  const clock = fixedClock('2026-03-10T12:00:00Z');
  const { holds, ...lease } = heldLeaseInMemory();
  let frozen: Freeze | undefined;
  const freezes = { find: async () => ({ freeze: frozen }) };
  const store = new InMemorySnapshotStore(holds, clock, freezes);
  return {
    store,
    catalog: store.catalog,
    packages: new InMemoryPackageCatalog(),
    clock,
    debian: { id: 2, name: DEBIAN },
    ...lease,
    freeze: async (freeze) => void (frozen = freeze),
    audits: async () => store.audit.map(({ action, subject, act }) => ({ action, subject, reason: act.reason })),
    remove: async () => undefined,
  };
}

describeSnapshotStore('InMemorySnapshotStore', inMemoryIndex);
describeReadmission('InMemorySnapshotStore', inMemoryIndex);
describeCatalog('InMemoryCatalog', inMemoryIndex);
describePackageCatalog('InMemoryPackageCatalog', inMemoryIndex);
