import { type BigIntStats } from 'node:fs';

import { factsOf } from './file-facts.js';

describe('factsOf', () => {
  const facts = (mtimeMs: bigint) =>
    factsOf('far', { size: 1n, mtimeMs, mtimeNs: mtimeMs * 1_000_000n, ctimeNs: 2n, ino: 3n } as BigIntStats);

  it.each([9_100_000_000_000_000n, 8_640_000_000_000_001n, -9_100_000_000_000_000n])(
    'brings a time of %s ms into the range of times, and still sees it change (T-35)',
    (mtimeMs) => {
      const { mtimeMs: told, signature } = facts(mtimeMs);
      expect(Number.isSafeInteger(told)).toBe(true);
      expect(new Date(told).getTime()).toBe(told);
      expect(facts(mtimeMs + 1n).signature).not.toBe(signature);
    },
  );

  it('leaves the others as they are', () => {
    for (const time of [0n, -1n, 8_640_000_000_000_000n]) expect(facts(time).mtimeMs).toBe(Number(time));
  });
});
