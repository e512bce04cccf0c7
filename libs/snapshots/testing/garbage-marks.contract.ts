import { type Sha256 } from '#libs/storage/layout.js';

import { type GarbageMarks } from '../garbage/garbage-marks.js';

const hash = (index: number): Sha256 => index.toString(16).padStart(64, '0') as Sha256;
const AT = new Date('2026-01-14T10:30:45Z');

export function describeGarbageMarks(
  name: string,
  make: () => Promise<{ readonly marks: GarbageMarks; remove(): Promise<void> }>,
): void {
  describe(`${name} as garbage marks`, () => {
    let test: Awaited<ReturnType<typeof make>>;
    beforeEach(async () => void (test = await make()));
    afterEach(() => test.remove());

    const marked = async (...indexes: readonly number[]) => [...(await test.marks.marked(indexes.map(hash)))].sort();

    it('knows what was marked, once or twice, and nothing else', async () => {
      await test.marks.mark([hash(1), hash(2)], AT);
      await test.marks.mark([hash(2), hash(3)], AT);
      expect(await marked(1, 2, 3, 4)).toEqual([hash(1), hash(2), hash(3)]);
      expect(await marked(2)).toEqual([hash(2)]);
      expect(await marked()).toEqual([]);
    });

    it('forgets what is unmarked, also what was never marked', async () => {
      await test.marks.mark([hash(1), hash(2)], AT);
      await test.marks.unmark([hash(2), hash(9)]);
      expect(await marked(1, 2, 9)).toEqual([hash(1)]);
    });

    it('takes many at once, and none', async () => {
      const many = Array.from({ length: 1_001 }, (_, index) => index);
      await test.marks.mark(many.map(hash), AT);
      expect(await marked(...many)).toHaveLength(1_001);
      await test.marks.unmark(many.slice(1).map(hash));
      expect(await marked(...many)).toEqual([hash(0)]);
      await test.marks.mark([], AT);
      await test.marks.unmark([]);
      expect(await marked(...many)).toEqual([hash(0)]);
    });
  });
}
