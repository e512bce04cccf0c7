import { grouped } from './grouped.js';

describe('grouped', () => {
  it('keeps the order of items, and that in which keys come up', () => {
    const groups = grouped(['b1', 'a1', 'b2'], (text) => text.charAt(0));
    expect([...groups]).toEqual([
      ['b', ['b1', 'b2']],
      ['a', ['a1']],
    ]);
    expect(grouped([], String).size).toBe(0);
  });
});
