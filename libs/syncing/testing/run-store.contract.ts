import fc from 'fast-check';

import { actor } from '#libs/kernel/actor.js';
import { repositoryName, snapshotId } from '#libs/kernel/ids.js';

import { type Fence } from '#libs/persistence/lease.js';
import { type HeldLease } from '#libs/persistence/testing/held-lease.js';

import { type Run } from '../runs/run.js';
import { type RunRequest, type RunStore } from '../runs/run-store.js';
import { InMemoryRunStore } from './in-memory-run-store.js';

export interface RunStoreUnderTest extends HeldLease {
  readonly store: RunStore;
  readonly close: () => Promise<void>;
}

/** Milliseconds for a test that opens many databases, on a machine that is busy. */
const SLOW = 60_000;

const AT = new Date('2026-03-10T00:00:00Z');
const debian = repositoryName('debian');
const openwrt = repositoryName('openwrt');
const later = (minutes: number) => new Date(AT.getTime() + minutes * 60_000);

const sync = (extra: Partial<RunRequest> = {}): RunRequest => ({
  kind: 'sync',
  repository: debian,
  at: AT,
  act: { actor: actor('cli', 'root') },
  ...extra,
});

export function describeRunStore(name: string, make: () => Promise<RunStoreUnderTest>): void {
  describe(`${name} as run store`, () => {
    let test: RunStoreUnderTest;
    let store: RunStore;
    beforeEach(async () => {
      test = await make();
      store = test.store;
    });
    afterEach(() => test.close());

    const request = async (extra?: Partial<RunRequest>): Promise<Run> => {
      const requested = await store.request(sync(extra));
      if (requested === undefined) throw new Error('the due key was used before');
      return requested.run;
    };
    const started = async (extra?: Partial<RunRequest>): Promise<Run> => {
      const run = await store.start((await request(extra)).id, later(1));
      if (run === undefined) throw new Error('the run has ended');
      return run;
    };
    const ended = async (state: 'succeeded' | 'failed', at: Date, extra?: Partial<RunRequest>): Promise<Run> => {
      const run = await started(extra);
      await store.finish(run, { state, at });
      return run;
    };
    const ids = (runs: readonly Run[]) => runs.map(({ id }) => id);

    describe('requests', () => {
      it('keeps what a milestone may do, and joins only one that may do the same', async () => {
        const lifts = { snapshot: snapshotId('20260101T000000Z'), at: later(-5) };
        const milestone = (purge: boolean, freeze?: typeof lifts) =>
          request({ kind: 'milestone', milestone: { purge, lifts: freeze } });
        const all = [await milestone(false), await milestone(true), await milestone(true, lifts)];
        expect(all.map((run) => run.milestone)).toEqual([
          { purge: false, lifts: undefined },
          { purge: true, lifts: undefined },
          { purge: true, lifts },
        ]);
        const again = [await milestone(false), await milestone(true), await milestone(true, lifts), await request()];
        expect(ids(again.slice(0, 3))).toEqual(ids(all));
        expect(ids(all)).not.toContain(again[3]?.id);
        expect((await store.find(all[2]?.id ?? 0))?.milestone).toEqual({ purge: true, lifts });
      });

      it('adds a run that waits', async () => {
        const added = await store.request(sync());
        expect(added).toEqual({
          joined: false,
          run: {
            id: added?.run.id,
            kind: 'sync',
            repository: 'debian',
            state: 'queued',
            requestedBy: 'cli:root',
            requestedAt: AT,
            attempt: 0,
            stops: 0,
          },
        });
        expect(await store.find(added?.run.id ?? 0)).toEqual(added?.run);
        expect(await store.find(4711)).toBeUndefined();
      });

      it.each(['queued', 'running', 'interrupted'])('joins one that is %s', async (state) => {
        const first = await request();
        const run = state === 'queued' ? undefined : await store.start(first.id, later(1));
        if (run && state === 'interrupted') await store.interrupt(run);
        expect(await store.request(sync({ at: later(2) }))).toMatchObject({
          joined: true,
          run: { id: first.id, state },
        });
      });

      it('joins neither one of another repository nor one that has ended', async () => {
        const run = await started();
        expect(await request({ repository: openwrt })).not.toMatchObject({ id: run.id });
        await store.finish(run, { state: 'failed', at: later(2) });
        expect(await request()).not.toMatchObject({ id: run.id });
      });

      it('gives one run to many who ask at once', async () => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => store.request(sync())));
        expect(new Set(answers.map((answer) => answer?.run.id)).size).toBe(1);
        expect(answers.filter((answer) => answer?.joined === false)).toHaveLength(1);
      });

      it('does what is due once, also after it has ended (T-48, T-51)', async () => {
        await ended('failed', later(2), { dueKey: 'due:1' });
        expect(await store.request(sync({ dueKey: 'due:1' }))).toBeUndefined();
        expect(await store.request(sync({ dueKey: 'due:2' }))).toMatchObject({ joined: false });
      });

      it('lets the run an operator asked for serve what has become due meanwhile', async () => {
        const run = await started();
        expect(await store.request(sync({ dueKey: 'due:1' }))).toMatchObject({ joined: true, run: { id: run.id } });
        await store.finish(run, { state: 'succeeded', at: later(2) });
        expect(await store.request(sync({ dueKey: 'due:1' }))).toBeUndefined();
      });

      it('keeps what became due during an earlier due run for afterwards', async () => {
        const run = await started({ dueKey: 'due:1' });
        expect(await store.request(sync({ dueKey: 'due:2' }))).toMatchObject({ joined: true });
        await store.finish(run, { state: 'succeeded', at: later(2) });
        expect(await store.request(sync({ dueKey: 'due:2' }))).toMatchObject({ joined: false });
      });
    });

    describe('attempts', () => {
      it('counts them, and keeps when the first one began', async () => {
        const { id } = await request();
        expect(await store.start(id, later(1))).toMatchObject({ state: 'running', attempt: 1, startedAt: later(1) });
        expect(await store.start(id, later(2))).toMatchObject({ state: 'running', attempt: 2, startedAt: later(1) });
        expect(await store.start(4711, later(2))).toBeUndefined();
      });

      it('begins none of a run that has ended (T-51)', async () => {
        const run = await ended('succeeded', later(2));
        expect(await store.start(run.id, later(3))).toBeUndefined();
        expect(await store.find(run.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
      });

      it('says what it is busy with until it ends', async () => {
        const run = await started();
        expect(await store.step(run, 'syncing')).toBe(true);
        expect(await store.find(run.id)).toMatchObject({ step: 'syncing' });
        await store.finish(run, { state: 'succeeded', at: later(2) });
        expect(await store.find(run.id)).toMatchObject({ step: undefined });
        expect(await store.step(run, 'pruning')).toBe(false);
      });

      it('lets a worker that was overtaken change nothing', async () => {
        const stale = await started();
        await store.start(stale.id, later(2));
        expect(await store.step(stale, 'pruning')).toBe(false);
        expect(await store.interrupt(stale)).toBe(false);
        expect(await store.finish(stale, { state: 'failed', at: later(3) })).toBe(false);
        expect(await store.find(stale.id)).toMatchObject({ state: 'running', attempt: 2, step: undefined });
      });

      it('is interrupted while it runs only', async () => {
        const run = await started();
        expect(await store.interrupt(run)).toBe(true);
        expect(await store.find(run.id)).toMatchObject({ state: 'interrupted' });
        expect(await store.interrupt(run)).toBe(false);
        expect(await store.start(run.id, later(2))).toMatchObject({ state: 'running', attempt: 2 });
      });

      it('counts how often it was interrupted in good order', async () => {
        const first = await started();
        await store.interrupt(first, { inGoodOrder: true });
        const second = await store.start(first.id, later(2));
        expect(second).toMatchObject({ attempt: 2, stops: 1 });
        if (second) await store.interrupt(second);
        const third = await store.start(first.id, later(3));
        expect(third).toMatchObject({ attempt: 3, stops: 1 });
        expect(await store.interrupt(first, { inGoodOrder: true })).toBe(false);
        expect(await store.find(first.id)).toEqual(third);
      });
    });

    describe('outcomes', () => {
      it('keeps all of a good one', async () => {
        const run = await started();
        const snapshot = snapshotId('20260310T000100Z');
        const changes = { added: 3, changed: 0, removed: 1 };
        expect(await store.finish(run, { state: 'succeeded', at: later(2), snapshot, changes })).toBe(true);
        const expected = { ...run, state: 'succeeded', finishedAt: later(2), snapshot, changes };
        expect(await store.find(run.id)).toEqual(expected);
      });

      it('keeps the first one', async () => {
        const { id } = await started();
        const failure = { state: 'failed', at: later(2), errorCode: 'SYNC_FAILED', error: 'It failed.' } as const;
        expect(await store.finish({ id }, failure)).toBe(true);
        expect(await store.finish({ id }, { state: 'succeeded', at: later(3) })).toBe(false);
        expect(await store.find(id)).toMatchObject({ state: 'failed', errorCode: 'SYNC_FAILED', finishedAt: later(2) });
      });

      it('ends one that waits', async () => {
        const run = await request();
        expect(await store.finish({ id: run.id }, { state: 'cancelled', at: later(1) })).toBe(true);
        expect(await store.find(run.id)).toMatchObject({ state: 'cancelled', startedAt: undefined });
      });
    });

    describe('lists', () => {
      it('shows the newest first, by repository and state', async () => {
        const first = await ended('succeeded', later(1));
        const second = await ended('failed', later(2));
        const third = await request();
        const other = await request({ repository: openwrt });
        expect(ids(await store.list({}))).toEqual(ids([other, third, second, first]));
        expect(ids(await store.list({ repository: debian }))).toEqual(ids([third, second, first]));
        expect(ids(await store.list({ states: ['failed', 'queued'], limit: 2 }))).toEqual(ids([other, third]));
        expect(await store.list({ states: [] })).toEqual([]);
        expect(await store.lastSucceeded(debian)).toMatchObject({ id: first.id });
        expect(await store.lastSucceeded(openwrt)).toBeUndefined();
      });

      it('finds what is open since, oldest first', async () => {
        const running = await started();
        const queued = await request({ repository: openwrt, at: later(1) });
        await ended('succeeded', later(2), { repository: repositoryName('alpine') });
        expect(ids(await store.openSince(later(2)))).toEqual(ids([running, queued]));
        expect(ids(await store.openSince(later(1)))).toEqual(ids([running]));
        expect(await store.openSince(AT)).toEqual([]);
      });
    });

    describe('logs', () => {
      it('are kept by part, and read on from any', async () => {
        const run = await started();
        for (const text of ['one\n', 'two\n', 'drei \u{1f600}\n']) await store.appendLog(run.id, text);
        expect(await store.log(run.id, 1)).toEqual([
          { part: 1, text: 'one\n' },
          { part: 2, text: 'two\n' },
          { part: 3, text: 'drei \u{1f600}\n' },
        ]);
        expect(await store.log(run.id, 3)).toHaveLength(1);
        expect(await store.log(run.id, 4)).toEqual([]);
      });

      it('stay apart and in order when many write', async () => {
        const runs = [await started(), await started({ repository: openwrt })];
        const lines = Array.from({ length: 10 }, (_, index) => `line ${index}`);
        await Promise.all(lines.flatMap((line) => runs.map(({ id }) => store.appendLog(id, line))));
        for (const { id } of runs) expect((await store.log(id, 1)).map(({ text }) => text)).toEqual(lines);
      });
    });

    describe('sweeping', () => {
      it('forgets what ended before, with its log, but not the latest good and the latest due one', async () => {
        const old = await ended('succeeded', later(1));
        await store.appendLog(old.id, 'old');
        const good = await ended('succeeded', later(2));
        const due = await ended('failed', later(3), { dueKey: 'due:1' });
        const failed = await ended('failed', later(4));
        const recent = await ended('failed', later(10));
        const open = await started();
        expect(await store.sweep(later(10))).toBe(2);
        expect(ids(await store.list({}))).toEqual(ids([open, recent, due, good]));
        expect(await store.log(old.id, 1)).toEqual([]);
        expect(await store.find(failed.id)).toBeUndefined();
        expect(await store.request(sync({ dueKey: 'due:1' }))).toBeUndefined();
      });

      it('drops everything of one repository', async () => {
        const run = await ended('succeeded', later(1), { dueKey: 'due:1' });
        await store.appendLog(run.id, 'text');
        const other = await request({ repository: openwrt });
        await request();
        await store.forgetAll(debian, test.fence);
        expect(ids(await store.list({}))).toEqual([other.id]);
        expect(await store.log(run.id, 1)).toEqual([]);
      });

      it('drops nothing for a holder that was overtaken (I-13)', async () => {
        const run = await ended('succeeded', later(1));
        await test.overtake();
        await expect(store.forgetAll(debian, test.fence)).rejects.toMatchObject({ code: 'LEASE_LOST' });
        expect(ids(await store.list({}))).toEqual([run.id]);
      });
    });

    it(
      'answers as the model does, whatever happens in whatever order',
      async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
            const round = await make();
            const model = new InMemoryRunStore();
            try {
              for (const play of events)
                expect(await play(round.store, round.fence)).toEqual(await play(model, round.fence));
              expect(await round.store.list({})).toEqual(await model.list({}));
            } finally {
              await round.close();
            }
          }),
          { numRuns: 15 },
        );
      },
      SLOW,
    );
  });
}

type Play = (store: RunStore, fence: Fence) => Promise<unknown>;

const id = fc.integer({ min: 1, max: 8 });
const instant = fc.integer({ min: 0, max: 60 }).map(later);
const attempt = fc.record({ id, attempt: fc.integer({ min: 1, max: 3 }) });
const asked = fc.record({
  repository: fc.constantFrom(debian, openwrt),
  at: instant,
  key: fc.constantFrom(undefined, 'due:1', 'due:2', 'due:3'),
});
const outcome = fc.record({ state: fc.constantFrom('succeeded' as const, 'failed', 'cancelled'), at: instant });

const event: fc.Arbitrary<Play> = fc.oneof(
  {
    weight: 4,
    arbitrary: asked.map(({ key, ...rest }) => byRequest(sync({ ...rest, ...(key && { dueKey: key }) }))),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(id, instant).map(
      ([run, at]) =>
        (store: RunStore) =>
          store.start(run, at),
    ),
  },
  attempt.map((run) => (store: RunStore) => store.step(run, 'syncing')),
  attempt.map((run) => (store: RunStore) => store.interrupt(run)),
  fc.tuple(attempt, outcome).map(
    ([run, end]) =>
      (store: RunStore) =>
        store.finish(run, end),
  ),
  fc.tuple(id, outcome).map(
    ([run, end]) =>
      (store: RunStore) =>
        store.finish({ id: run }, end),
  ),
  instant.map((at) => (store: RunStore) => store.sweep(at)),
  instant.map((at) => (store: RunStore) => store.openSince(at)),
  fc
    .constantFrom(debian, openwrt)
    .map((repository) => (store: RunStore, fence: Fence) => store.forgetAll(repository, fence)),
);

const byRequest =
  (request: RunRequest): Play =>
  (store: RunStore) =>
    store.request(request);
