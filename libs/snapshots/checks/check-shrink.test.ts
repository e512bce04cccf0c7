import fc from 'fast-check';

import { reasonToHold } from './check-shrink.js';

describe('reasonToHold', () => {
  it.each([
    ['nothing to compare with', [0, 0], undefined, undefined],
    ['an empty list before', [0, 0], [0, 0], undefined],
    ['emptied', [0, 0], [10, 100], 'The source is empty; it had 10 files before.'],
    ['grown', [20, 200], [10, 100], undefined],
    ['just as much lost as may be', [7, 70], [10, 100], undefined],
    ['more files lost', [6, 100], [10, 100], 'The source lost 40 % of its files: it had 10 and has 6.'],
    ['more bytes lost', [10, 69], [10, 100], 'The source lost 31 % of its bytes: it had 100 and has 69.'],
    ['only empty files, as before', [3, 0], [3, 0], undefined],
  ] as const)('%s', (_, now, before, expected) => {
    const totals = ([files, bytes]: readonly [number, number]) => ({ files, bytes });
    expect(reasonToHold(totals(now), before && totals(before), 0.3)).toBe(expected);
  });

  it('never holds what did not shrink, and always what was emptied, whatever may be lost (T-57)', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (files, bytes, shrink) => {
        expect(reasonToHold({ files, bytes }, { files, bytes }, shrink)).toBeUndefined();
        expect(reasonToHold({ files: 0, bytes: 0 }, { files: files + 1, bytes }, shrink)).toBeDefined();
      }),
    );
  });
});
