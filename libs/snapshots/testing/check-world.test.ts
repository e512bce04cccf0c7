import { DAY, MINUTE } from '#libs/kernel/duration.js';

import { removeSnapshot } from '../removal/remove-snapshot.js';
import { type Snapshot } from '../snapshot.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from './snapshot-world.js';

describe('checkWorld', () => {
  let world: SnapshotWorld;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    await world.register();
  });
  afterEach(() => {
    world.remove();
  });

  it.each<[string, number, readonly string[]]>([
    ['within the grace', DAY, [expect.stringMatching(/^I-05 debian\/.* was served at /) as string]],
    ['after the grace', DAY + MINUTE, []],
  ])('looks for what was served when it goes %s (I-05)', async (_, ms, violations) => {
    world.change({ Packages: '1' });
    const { id } = await world.take();
    expect(await world.check()).toEqual([]);
    world.change({ Packages: '2' });
    await world.take();
    world.clock.advance(ms - MINUTE); // to take a snapshot is to wait a minute
    const first = (await world.snapshots.find(DEBIAN, id)) as Snapshot;
    await removeSnapshot(world.disk, world.snapshots, first, BY_TEST);
    expect(await world.check()).toEqual(violations);
  });
});
