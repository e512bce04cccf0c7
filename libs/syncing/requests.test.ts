import { repositoryName } from '#libs/kernel/ids.js';
import { type JobQueue } from '#libs/jobs/job-queue.js';

import { CancelRun } from './runs/cancel-run.js';
import { FollowRun, type RunEvent } from './runs/follow-run.js';
import { syncJob } from './jobs.js';
import { RequestRun } from './request-run.js';
import { RequeueOpenRuns } from './upkeep/requeue-open-runs.js';
import { BY_ROOT, DEBIAN, SyncWorld } from './testing/sync-world.js';

describe('runs that operators ask for', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await SyncWorld.make();
    await world.addRepository('true');
  });
  afterEach(() => world.remove());

  const down = new Error('the queue is down');
  const brokenQueue = (): JobQueue => new Proxy(world.queue, { get: () => () => Promise.reject(down) });
  const requestRun = (queue: JobQueue = world.queue) =>
    new RequestRun(world.repositories, world.runs, queue, { clock: world.clock, log: world.log });
  const requeue = (queue: JobQueue = world.queue) =>
    new RequeueOpenRuns(world.runs, queue, world.clock, world.log).run();
  const cancel = (id: number, reason?: string) =>
    new CancelRun(world.runs, world.clock).run(id, { ...BY_ROOT, reason });
  const waiting = () => world.jobs('waiting');

  describe('RequestRun', () => {
    it('adds a run and wakes a worker for it, once', async () => {
      const first = await requestRun().run(DEBIAN, BY_ROOT);
      expect(first).toMatchObject({ joined: false, run: { state: 'queued', requestedBy: 'cli:root' } });
      expect(await requestRun().run(DEBIAN, BY_ROOT)).toEqual({ ...first, joined: true });
      expect(waiting()).toBe(1);
    });

    it('adds none for a repository that is not there', async () => {
      await expect(requestRun().run(repositoryName('none'), BY_ROOT)).rejects.toMatchObject({
        code: 'REPOSITORY_NOT_FOUND',
      });
      expect(await world.runs.list({})).toEqual([]);
    });

    it('keeps the run while the queue is down, for the scheduler to queue it (T-52)', async () => {
      const { run } = await requestRun(brokenQueue()).run(DEBIAN, BY_ROOT);
      expect(await world.found(run.id)).toMatchObject({ state: 'queued' });
      expect(world.logged).toEqual([['run not queued yet', { run: run.id, error: 'the queue is down' }]]);
      expect(await requeue()).toEqual([]);
      world.clock.advance(30_001);
      expect(await requeue()).toMatchObject([{ id: run.id }]);
      expect(await requeue()).toEqual([]);
      expect(waiting()).toBe(1);
    });
  });

  describe('RequeueOpenRuns', () => {
    it('leaves alone what a live job works on, and what has ended', async () => {
      const { run } = await requestRun().run(DEBIAN, BY_ROOT);
      world.clock.advance(60_000);
      expect(await requeue()).toEqual([]);
      await cancel(run.id);
      expect(await requeue()).toEqual([]);
      expect(waiting()).toBe(1);
    });

    it('queues again what a worker had begun when the queue was lost (T-53)', async () => {
      const { id } = await world.requested();
      await world.runs.start(id, world.clock.now());
      world.clock.advance(60_000);
      expect(await requeue()).toMatchObject([{ id, state: 'running' }]);
      const handled: number[] = [];
      const handler = { job: syncJob, handle: async ({ run }: { run: number }) => void handled.push(run) };
      await world.queue.work([handler], { concurrency: 1, once: true }).idle;
      expect(handled).toEqual([id]);
    });

    it('says so when the queue is down', async () => {
      await world.requested();
      world.clock.advance(60_000);
      await expect(requeue(brokenQueue())).rejects.toBe(down);
    });
  });

  describe('CancelRun', () => {
    it('keeps one that waits from ever starting', async () => {
      const { run } = await requestRun().run(DEBIAN, BY_ROOT);
      expect(await cancel(run.id, 'not now')).toMatchObject({
        state: 'cancelled',
        errorCode: 'RUN_CANCELLED',
        error: 'Cancelled by cli:root: not now.',
      });
      await (await world.syncRepository()).run(run.id, new AbortController().signal);
      expect(await world.found(run.id)).toMatchObject({ state: 'cancelled', attempt: 0 });
      expect(await requestRun().run(DEBIAN, BY_ROOT)).toMatchObject({ joined: false });
    });

    it('ends one whose worker is gone', async () => {
      const { id } = await world.requested();
      await world.runs.start(id, world.clock.now());
      expect(await cancel(id)).toMatchObject({ state: 'cancelled' });
    });

    it('refuses one that is not there, or has ended', async () => {
      await expect(cancel(4711)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', kind: 'not-found' });
      const { id } = await world.requested();
      await world.runs.finish({ id }, { state: 'succeeded', at: world.clock.now() });
      await expect(cancel(id)).rejects.toMatchObject({ code: 'RUN_ENDED', kind: 'conflict' });
      expect(await world.found(id)).toMatchObject({ state: 'succeeded' });
    });
  });

  describe('FollowRun', () => {
    /** What is told while `steps` happen, one after each look. */
    const followed = async (id: number, steps: readonly (() => Promise<unknown>)[]) => {
      const rest = [...steps];
      const wait = async () => {
        const step = rest.shift();
        if (step === undefined) throw new Error('it went on after the end');
        await step();
      };
      const events: RunEvent[] = [];
      for await (const event of new FollowRun(world.runs, wait).run(id)) events.push(event);
      return events.map((event) =>
        event.kind === 'log' ? event.chunk.text : [event.run.state, event.run.step].filter(Boolean).join(': '),
      );
    };

    it('tells states, steps and log in order, until the run has ended', async () => {
      const { id } = await world.requested();
      const attempt = { id, attempt: 1 };
      const events = await followed(id, [
        () => world.runs.start(id, world.clock.now()),
        () => world.runs.step(attempt, 'syncing'),
        () => world.runs.appendLog(id, 'one\n'),
        () => Promise.resolve(),
        async () => {
          await world.runs.appendLog(id, 'two\n');
          await world.runs.appendLog(id, 'three\n');
          await world.runs.finish({ id }, { state: 'succeeded', at: world.clock.now() });
        },
      ]);
      expect(events).toEqual(['queued', 'running', 'running: syncing', 'one\n', 'two\n', 'three\n', 'succeeded']);
    });

    it('tells at once of one that has ended', async () => {
      const { id } = await world.requested();
      for (const text of ['one', 'two']) await world.runs.appendLog(id, text);
      await world.runs.finish({ id }, { state: 'failed', at: world.clock.now() });
      expect(await followed(id, [])).toEqual(['one', 'two', 'failed']);
    });

    it('ends when nobody watches any more', async () => {
      const { id } = await world.requested();
      const abort = new AbortController();
      const wait = async () => {
        abort.abort();
      };
      const events: RunEvent[] = [];
      for await (const event of new FollowRun(world.runs, wait).run(id, abort.signal)) events.push(event);
      expect(events).toHaveLength(1);
    });

    it('refuses a run that is not there', async () => {
      await expect(followed(4711, [])).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    });
  });
});

describe('the sync job', () => {
  it('only takes a run', () => {
    expect(syncJob.parse({ run: 12, more: true })).toEqual({ run: 12 });
    for (const data of [undefined, null, 12, {}, { run: '12' }, { run: 1.5 }]) {
      expect(() => syncJob.parse(data)).toThrow('does not say which run');
    }
  });
});
