import { setImmediate } from 'node:timers/promises';

import { mapAtOnce } from './map-at-once.js';

it('keeps the order, and no more than so many under way', async () => {
  let underWay = 0;
  let most = 0;
  const doubled = await mapAtOnce([5, 1, 4, 2, 3], 2, async (item) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < item; turn += 1) await setImmediate();
    underWay -= 1;
    return item * 2;
  });
  expect(doubled).toEqual([10, 2, 8, 4, 6]);
  expect(most).toBe(2);
});

it('begins nothing after a failure, and ends when all that was begun has ended', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = mapAtOnce([1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('first');
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    ended.push(item);
  });
  await expect(work).rejects.toThrow('first');
  expect([begun, ended]).toEqual([[1, 2], [2]]);
});

it('has nothing to do for nothing', async () => {
  expect(await mapAtOnce([], 4, () => Promise.reject(new Error('never')))).toEqual([]);
});
