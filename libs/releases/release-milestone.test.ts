import { DAY, HOUR, MINUTE } from '#libs/kernel/duration.js';
import { type SnapshotId } from '#libs/kernel/ids.js';
import { MortalProcess } from '#libs/kernel/testing/mortal-process.js';
import { type HoldBack } from '#libs/repositories/repository.js';
import { PurgeSuperseded } from '#libs/snapshots/removal/purge-superseded.js';
import { RecoverSnapshots } from '#libs/snapshots/recovery/recover-snapshots.js';
import { SweepStaging } from '#libs/snapshots/recovery/sweep-staging.js';
import { stableSnapshot } from '#libs/snapshots/stable-snapshot.js';
import { type MilestoneOptions, type Run } from '#libs/syncing/runs/run.js';
import { BY_ROOT, DEBIAN, SyncWorld, type SyncWorldOptions } from '#libs/syncing/testing/sync-world.js';

import { ReleaseMilestone } from './release-milestone.js';

/** Milliseconds for a test that does its work some seventy times. */
const SLOW = 120_000;

const PLAIN: MilestoneOptions = { purge: false, lifts: undefined };

describe('ReleaseMilestone', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await SyncWorld.make();
  });
  afterEach(() => world.remove());

  /** A repository with snapshots that are so many days old; its command saves something new each time. */
  const begin = async (ages: readonly number[] = [3, 2, 1], holdBack: HoldBack = 'window', delay = 7) => {
    await world.addRepository('date +%N > "$SOURCE_DIR/new"', { holdBack, delay });
    const now = world.clock.now();
    for (const age of ages) {
      world.clock.set(new Date(now.getTime() - age * DAY));
      world.snapshots.change({ old: `of ${String(age)} days ago` });
      await world.snapshots.take();
    }
    world.clock.set(now);
  };
  const parts = () => {
    const { disk, snapshots, repositories } = world.snapshots.parts;
    return { ...world.snapshots.parts, purge: new PurgeSuperseded(disk, snapshots), repositories };
  };
  const attempt = async (run: Run, options: SyncWorldOptions = {}) => {
    const { disk, snapshots, repositories, index } = { ...world.snapshots.parts, ...options.parts };
    const recovery = new RecoverSnapshots(disk, index, world.clock, world.snapshots.log);
    const steps: SyncWorldOptions['steps'] = {
      recover: ({ repository, fence }, act) => recovery.run({ repository: repository.name, fence, act }),
      madeBefore: async () => (await snapshots.list(DEBIAN)).find((made) => made.run === run.id),
      ...options.steps,
    };
    const { attemptRun, syncAndSnapshot } = await world.attempting({ ...options, steps });
    const purge = new PurgeSuperseded(disk, snapshots);
    const stores = { repositories, snapshots };
    const milestone = new ReleaseMilestone(attemptRun, syncAndSnapshot, stores, purge, world.clock);
    return milestone.run(run.id, new AbortController().signal);
  };
  const release = async (milestone = PLAIN, options?: SyncWorldOptions): Promise<Run> => {
    const run = await world.requested(DEBIAN, milestone);
    await attempt(run, options);
    return world.found(run.id);
  };
  const list = () => parts().snapshots.list(DEBIAN);
  const states = async () => (await list()).map(({ state }) => state);
  const served = async (): Promise<SnapshotId | undefined> => {
    const repository = await world.repositories.find(DEBIAN);
    return repository && stableSnapshot(await list(), repository, world.clock.now())?.snapshot.id;
  };
  const freeze = async (snapshot: SnapshotId | undefined, at = world.clock.now()) => {
    if (snapshot === undefined) throw new Error('nothing to freeze to');
    await world.repositories.freeze(DEBIAN, { snapshot, at, reason: undefined, until: undefined });
    return { snapshot, at };
  };

  it.each<[HoldBack, number]>([
    ['window', 7],
    ['minimum-age', 7],
    ['minimum-age', 2],
    ['window', 0],
  ])('serves the newest content at once and from then on, with %s of %d days (I-10)', async (holdBack, delay) => {
    await begin([3, 2, 1], holdBack, delay);
    const run = await release();
    expect(run).toMatchObject({ kind: 'milestone', state: 'succeeded', changes: { added: 1 } });
    expect(await states()).toEqual(['superseded', 'superseded', 'superseded', 'complete']);
    expect(await served()).toBe(run.snapshot);
    world.clock.advance(DAY);
    await world.snapshots.take();
    expect(await served()).toBe(delay === 0 ? (await list()).at(-1)?.id : run.snapshot);
    expect(await world.snapshots.check()).toEqual([]);
  });

  it.each([
    ['the sync fails', 'exit 3', 'SYNC_FAILED'],
    ['the snapshot cannot be taken', 'ln -s /etc/passwd "$SOURCE_DIR/bad"', 'SOURCE_REFUSED'],
    ['a check holds the snapshot', 'rm "$SOURCE_DIR"/*', 'SNAPSHOT_HELD'],
  ])('changes nothing of what is served when %s', async (_, command, errorCode) => {
    await begin();
    await world.repositories.update(DEBIAN, { command }, world.clock.now());
    const before = await served();
    expect(await release({ purge: true, lifts: undefined })).toMatchObject({ state: 'failed', errorCode });
    expect(await served()).toBe(before);
    expect((await states()).filter((state) => state === 'superseded')).toEqual([]);
  });

  describe('and a freeze', () => {
    it('leaves one that came meanwhile as it is, and fails (T-17, I-11)', async () => {
      await begin();
      const run = await world.requested(DEBIAN, PLAIN);
      const frozen = await freeze((await list())[1]?.id);
      await attempt(run);
      expect(await world.found(run.id)).toMatchObject({ state: 'failed', errorCode: 'REPOSITORY_FROZEN' });
      expect(await states()).toEqual(['complete', 'complete', 'complete']);
      expect(await served()).toBe(frozen.snapshot);
      expect(await world.snapshots.check()).toEqual([]);
    });

    it('ends the one that it was told to end, at the instant of the release', async () => {
      await begin();
      const lifts = await freeze((await list())[1]?.id, new Date(world.clock.now().getTime() - HOUR));
      const run = await release({ purge: false, lifts });
      expect(run).toMatchObject({ state: 'succeeded' });
      expect(await served()).toBe(run.snapshot);
      expect((await world.repositories.find(DEBIAN))?.freeze).toBeUndefined();
    });

    it('does not end that one when the sync fails, nor a later one to the same snapshot (T-17)', async () => {
      await begin();
      const lifts = await freeze((await list())[1]?.id);
      await world.repositories.update(DEBIAN, { command: 'false' }, world.clock.now());
      expect(await release({ purge: false, lifts })).toMatchObject({ state: 'failed', errorCode: 'SYNC_FAILED' });
      expect(await served()).toBe(lifts.snapshot);

      await world.repositories.update(DEBIAN, { command: 'true' }, world.clock.now());
      await world.repositories.unfreeze(DEBIAN, world.clock.now());
      world.clock.advance(MINUTE);
      await freeze(lifts.snapshot);
      expect(await release({ purge: false, lifts })).toMatchObject({ state: 'failed', errorCode: 'REPOSITORY_FROZEN' });
      expect(await served()).toBe(lifts.snapshot);
    });
  });

  it('purges what it superseded, and nothing else, when told to', async () => {
    await begin();
    const run = await release({ purge: true, lifts: undefined });
    expect((await list()).map(({ id }) => id)).toEqual([run.snapshot]);
    expect(await world.logOf(run.id)).toContain('purged 3 superseded snapshots');
    expect(await world.snapshots.check()).toEqual([]);
  });

  it('does not count as done twice when its worker died after the release', async () => {
    await begin();
    const run = await release();
    await world.runs.request({ kind: 'milestone', milestone: PLAIN, repository: DEBIAN, at: new Date(), act: BY_ROOT });
    const before = await list();
    await attempt({ ...run, state: 'running' });
    expect(await list()).toEqual(before);
  });

  it.each([
    ['keeping what it supersedes', false],
    ['purging what it supersedes', true],
  ])(
    'comes to the same end wherever it is killed, %s, and always serves something (T-15, I-04)',
    async (_, purge) => {
      await begin();
      const first = await served();
      let survived = false;
      let deaths = 0;
      for (let last = 0; !survived; last += 1) {
        const { snapshots, repositories, leases, disk, source, index } = world.snapshots.parts;
        const process = new MortalProcess(last);
        const mortal = process.part(snapshots);
        const run = await world.requested(DEBIAN, { purge, lifts: undefined });
        await attempt(run, {
          runs: (runs) => process.part(runs),
          parts: {
            disk: process.part(disk),
            source: process.part(source),
            leases: process.part(leases),
            repositories: process.part(repositories),
            index: { snapshots: mortal, catalog: process.part(index.catalog) },
            snapshots: mortal,
          },
        }).catch(() => undefined);
        survived = !process.isDead;
        deaths += survived ? 0 : 1;
        if (purge) world.snapshots.memory.lastServed.clear();
        expect([last, await world.snapshots.check({ quiet: false }), await served()]).toEqual([
          last,
          [],
          expect.stringMatching(/^\d{8}T\d{6}Z/),
        ]);

        world.clock.advance(2 * MINUTE); // the leases of the dead run out
        await new SweepStaging(disk, leases).run();
        await attempt(run);
        expect([last, await world.found(run.id)]).toMatchObject([last, { state: 'succeeded' }]);
        const { snapshot } = await world.found(run.id);
        expect([last, await served()]).toEqual([last, snapshot]);
        expect((await states()).filter((state) => state !== 'superseded')).toEqual(['complete']);
        if (purge) expect(await list()).toHaveLength(1);
        if (purge) world.snapshots.memory.lastServed.clear(); // it goes at an operator's word
        expect(await world.snapshots.check()).toEqual([]);
        await new PurgeSuperseded(disk, snapshots).run(DEBIAN, BY_ROOT); // or the next round has more to do
        world.snapshots.memory.lastServed.clear();
      }
      expect(await served()).not.toBe(first);

      expect(deaths).toBeGreaterThan(30);
    },
    SLOW,
  );
});
