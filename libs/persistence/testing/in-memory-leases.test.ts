import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { InMemoryLeases } from './in-memory-leases.js';
import { describeLeases } from './leases.contract.js';

describeLeases('InMemoryLeases', () => {
  const clock = fixedClock('2026-03-10T00:00:00Z');
  const leases = new InMemoryLeases(clock);
  return Promise.resolve({
    leases,
    clock,
    assertFence: (fence) =>
      Promise.resolve().then(() => {
        leases.assertFence(fence);
      }),
    close: () => Promise.resolve(),
  });
});
