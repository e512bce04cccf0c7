import { SECOND } from '#libs/kernel/duration.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { StaleCount } from './stale-count.js';

function make() {
  const clock = fixedClock('2026-03-10T00:00:00Z');
  const asked: Date[] = [];
  const count = new StaleCount({ run: async () => (asked.push(clock.now()), []) }, clock);
  return { clock, asked, count };
}

describe('StaleCount', () => {
  it('asks the database twice a minute at most, whoever asks', async () => {
    const { clock, asked, count } = make();
    for (let visit = 0; visit < 10; visit += 1) await count.get();
    clock.advance(30 * SECOND - 1);
    await count.get();
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await count.get();
    expect(asked).toHaveLength(2);
  });

  it('counts again when the clock is set back (T-42)', async () => {
    const { clock, asked, count } = make();
    await count.get();
    clock.advance(-SECOND);
    await count.get();
    expect(asked).toHaveLength(2);
  });
});
