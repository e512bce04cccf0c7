import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { describeEachDatabase } from '../testing/each-database.js';
import { describeLeases } from '../testing/leases.contract.js';
import { assertFence } from '../fence.js';
import { DatabaseLeases } from './database-leases.js';

describeEachDatabase('DatabaseLeases', (makeDatabase) => {
  describeLeases('DatabaseLeases', async () => {
    const clock = fixedClock('2026-03-10T00:00:00Z');
    const { database, remove } = await makeDatabase([], clock);
    return {
      leases: new DatabaseLeases(database),
      clock,
      assertFence: (fence) => database.write((manager) => assertFence(manager, fence)),
      close: remove,
    };
  });
});
