import { MINUTE } from '#libs/kernel/duration.js';
import { repositoryName, snapshotIdAt } from '#libs/kernel/ids.js';
import { RequestRun } from '#libs/syncing/request-run.js';
import { BY_ROOT, DEBIAN, SyncWorld } from '#libs/syncing/testing/sync-world.js';

import { RequestMilestone, type MilestoneRequest } from './request-milestone.js';

describe('RequestMilestone', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await SyncWorld.make();
    await world.addRepository('true');
  });
  afterEach(() => world.remove());

  const request = (options: Partial<MilestoneRequest> = {}) => {
    const { repositories, runs, queue, clock, log } = world;
    const requestRun = new RequestRun(repositories, runs, queue, { clock, log });
    return new RequestMilestone(repositories, requestRun, clock).run({ repository: DEBIAN, act: BY_ROOT, ...options });
  };
  const freeze = async (until?: Date) => {
    const at = world.clock.now();
    const snapshot = snapshotIdAt(at);
    await world.repositories.freeze(DEBIAN, { snapshot, at, reason: undefined, until });
    return { snapshot, at };
  };

  it('adds a run, and joins the one that is open, but not one for something else', async () => {
    const { run } = await request();
    expect(run).toMatchObject({ kind: 'milestone', state: 'queued', milestone: { purge: false } });
    expect(await request()).toEqual({ run, joined: true });
    expect(await request({ purge: true })).toMatchObject({ joined: false, run: { milestone: { purge: true } } });
    expect(world.jobs('waiting')).toBe(2);
  });

  it('refuses for a frozen repository, and adds nothing (I-11)', async () => {
    await freeze();
    await expect(request()).rejects.toMatchObject({ kind: 'conflict', code: 'REPOSITORY_FROZEN' });
    expect(await world.runs.list({})).toEqual([]);
  });

  it('may end the freeze that there is when it is told to', async () => {
    const lifts = await freeze();
    const { run } = await request({ unfreeze: true });
    expect(run.milestone).toEqual({ purge: false, lifts });
  });

  it('does not mind a freeze that is over', async () => {
    await freeze(new Date(world.clock.now().getTime() + MINUTE));
    world.clock.advance(2 * MINUTE);
    expect((await request({ unfreeze: true })).run.milestone).toEqual({ purge: false, lifts: undefined });
  });

  it('knows nothing of repositories that are not there', async () => {
    const unknown = request({ repository: repositoryName('none') });
    await expect(unknown).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
  });
});
