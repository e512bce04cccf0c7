import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { describeLeases } from '../testing/leases.contract.js';
import { temporaryDatabase } from '../testing/temporary-database.js';
import { assertFence } from '../fence.js';
import { DatabaseLeases } from './database-leases.js';

describeLeases('DatabaseLeases', async () => {
  const clock = fixedClock('2026-03-10T00:00:00Z');
  const { database, remove } = await temporaryDatabase([], clock);
  return {
    leases: new DatabaseLeases(database),
    clock,
    assertFence: (fence) => database.write((manager) => assertFence(manager, fence)),
    close: remove,
  };
});
