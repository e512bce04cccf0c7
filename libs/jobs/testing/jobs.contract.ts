import { once } from 'node:events';

import { type JobQueue } from '../job-queue.js';
import { JobNotReady } from '../job.js';
import { onceJob, plainJob } from './contract-jobs.js';
import { describeJobPausing } from './jobs-pausing.contract.js';
import { describeJobRecovery } from './jobs-recovery.contract.js';
import { drain, type Handle, handler, type QueueHarness } from './queue-harness.js';

const nothing: Handle = async () => undefined;
const fail: Handle = async () => {
  throw new Error('on purpose');
};

/** What every driver of the `JobQueue` port promises. */
export function describeJobQueue(name: string, make: () => Promise<QueueHarness>): void {
  describe(`${name} as a job queue`, () => {
    let harness: QueueHarness;
    let queue: JobQueue;

    beforeEach(async () => {
      harness = await make();
      queue = harness.open();
    });
    afterEach(() => harness.close());

    const stateOf = async (id: string) => (await queue.find(id))?.state;

    describe('adding and running', () => {
      it('runs a job once, with its data, and keeps how it ended', async () => {
        const { id, joined } = await queue.add(plainJob, 'debian');
        expect(joined).toBe(false);
        expect(await queue.find(id)).toMatchObject({
          name: 'contract.plain',
          state: 'waiting',
          attempt: 0,
          progress: 0,
        });
        const seen: unknown[] = [];
        await drain(queue, async (data) => void seen.push([data, await queue.find(id)]));
        await drain(queue, async () => void seen.push('again'));
        expect(seen).toMatchObject([['debian', { state: 'active', attempt: 1 }]]);
        expect(await queue.find(id)).toMatchObject({
          state: 'completed',
          data: 'debian',
          progress: 1,
          error: undefined,
        });
        expect((await queue.find(id))?.finishedAt).toBeInstanceOf(Date);
      });

      it.each(['', '0', 'x', '1e3', '99999999999999999999', "1' or '1'='1"])(
        'knows no job with the id "%s"',
        async (id) => {
          expect(await queue.find(id)).toBeUndefined();
          expect(await queue.retry(id)).toBe('not-found');
        },
      );

      it('keeps jobs when every process has gone', async () => {
        const { id } = await queue.add(plainJob, 'a');
        await queue.close();
        queue = harness.open();
        await drain(queue, nothing);
        expect(await stateOf(id)).toBe('completed');
      });

      it('does not start a delayed job early', async () => {
        const { id } = await queue.add(plainJob, 'a', { delayMs: 1_000 });
        await drain(queue, nothing);
        expect(await stateOf(id)).toBe('waiting');
        await harness.advance(1_000);
        await drain(queue, nothing);
        expect(await stateOf(id)).toBe('completed');
      });

      it('takes those first that were added first', async () => {
        for (const data of ['a', 'b', 'c', 'd', 'e']) await queue.add(plainJob, data);
        const order: string[] = [];
        await drain(queue, async (data) => void order.push(data));
        expect(order.join('')).toBe('abcde');
      });

      it('runs as many at once as it may, and no more', async () => {
        for (const data of ['a', 'b', 'c', 'd', 'e']) await queue.add(plainJob, data);
        let running = 0;
        let most = 0;
        let allBegin = (): void => undefined;
        const allBegun = new Promise<void>((resolve) => {
          allBegin = resolve;
        });
        await drain(
          queue,
          async () => {
            most = Math.max(most, ++running);
            if (running === 3) allBegin();
            await allBegun;
            running -= 1;
          },
          3,
        );
        expect(most).toBe(3);
      });

      it('runs no job twice, however many workers there are (T-49)', async () => {
        const data = Array.from({ length: 120 }, (_, index) => String(index));
        for (const item of data) await queue.add(plainJob, item);
        const seen: string[] = [];
        const others = [harness.open(), harness.open()];
        await Promise.all(
          [queue, queue, ...others].map((each) =>
            drain(
              each,
              async (item) => {
                seen.push(item);
                await new Promise(setImmediate);
              },
              2,
            ),
          ),
        );
        expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(data);
      });

      it('wakes a worker that waits in another process', async () => {
        const ran = new Promise<string>((resolve) => {
          harness.open().work([handler(plainJob, async (data) => resolve(data))], { concurrency: 1 });
        });
        await queue.add(plainJob, 'news');
        expect(await ran).toBe('news');
      });

      it('is idle at once when there is nothing to do', async () => {
        await expect(drain(queue, nothing)).resolves.toBeUndefined();
      });

      it('refuses two handlers for one job', () => {
        expect(() => queue.work([handler(plainJob, nothing), handler(plainJob, nothing)], { concurrency: 1 })).toThrow(
          'two handlers',
        );
      });
    });

    describe('joining', () => {
      const key = { dedupeKey: 'sync:debian' };

      it('joins a waiting and a running job of the same key, and no ended one', async () => {
        const first = await queue.add(plainJob, 'a', key);
        expect(await queue.add(plainJob, 'b', key)).toEqual({ id: first.id, joined: true });
        let whileRunning: unknown;
        const other = harness.open();
        await drain(queue, async () => void (whileRunning = await other.add(plainJob, 'c', key)));
        expect(whileRunning).toEqual({ id: first.id, joined: true });
        expect(await queue.add(plainJob, 'd', key)).toMatchObject({ joined: false });
      });

      it('keeps different keys apart, and jobs without one', async () => {
        const ids = await Promise.all([
          queue.add(plainJob, 'a', key),
          queue.add(plainJob, 'a', { dedupeKey: 'sync:alpine' }),
          queue.add(plainJob, 'a'),
          queue.add(plainJob, 'a'),
        ]);
        expect(new Set(ids.map(({ id }) => id)).size).toBe(4);
      });

      it('does not join a job that waits for its next attempt to a new one: it is the same work', async () => {
        const first = await queue.add(plainJob, 'a', key);
        await drain(queue, fail);
        expect(await queue.add(plainJob, 'b', key)).toEqual({ id: first.id, joined: true });
      });

      it('does not bring back a failed job beside a new one of its key', async () => {
        const failed = await queue.add(onceJob, 'a', key);
        await drain(queue, fail);
        const newer = await queue.add(onceJob, 'b', key);
        expect(await queue.retry(failed.id)).toBe('joined');
        expect(await stateOf(failed.id)).toBe('failed');
        expect(await queue.retry(newer.id)).toBe('not-found');
      });
    });

    describe('failing', () => {
      it('tries again after a delay that doubles, then parks the job (T-55)', async () => {
        const { id } = await queue.add(plainJob, 'a');
        const attempts: number[] = [];
        const failing: Handle = async () => {
          const { attempt = 0 } = (await queue.find(id)) ?? {};
          attempts.push(attempt);
          throw new Error(`try ${String(attempt)}`);
        };
        await drain(queue, failing);
        await drain(queue, failing);
        expect(await queue.find(id)).toMatchObject({ state: 'waiting', attempt: 1, error: 'try 1' });
        await harness.advance(200);
        await drain(queue, failing);
        await harness.advance(200);
        await drain(queue, failing);
        expect(attempts).toEqual([1, 2]);
        await harness.advance(200);
        await drain(queue, failing);
        expect(await queue.find(id)).toMatchObject({ state: 'failed', attempt: 3, error: 'try 3' });
        await harness.advance(100_000);
        await drain(queue, failing);
        expect(attempts).toEqual([1, 2, 3]);
      });

      it('lists failed jobs, newest first, and gives one its attempts again', async () => {
        const first = await queue.add(onceJob, 'a');
        await drain(queue, fail);
        await harness.advance(10);
        const second = await queue.add(onceJob, 'b');
        await drain(queue, fail);
        expect((await queue.failed()).map(({ id }) => id)).toEqual([second.id, first.id]);
        expect(await queue.retry(first.id)).toBe('retried');
        expect(await queue.retry(first.id)).toBe('not-found');
        expect((await queue.failed()).map(({ id }) => id)).toEqual([second.id]);
        await harness.advance(10);
        const again: string[] = [];
        await drain(queue, async (data) => {
          again.push(data);
          await fail(data, { signal: new AbortController().signal, progress: async () => undefined });
        });
        expect(again).toEqual(['a']);
        expect(await queue.failed()).toMatchObject([{ data: 'a', attempt: 1 }, { id: second.id }]);
      });

      it('parks a job that no handler is known for, and says so', async () => {
        const { id } = await queue.add({ ...plainJob, name: 'contract.unknown' }, 'a');
        await drain(queue, nothing);
        expect(await queue.find(id)).toMatchObject({ state: 'failed', attempt: 1 });
        expect((await queue.find(id))?.error).toContain('"contract.unknown"');
      });

      it('parks a job whose data does not parse at once: trying again cannot help', async () => {
        const { id } = await queue.add<unknown>({ ...plainJob, parse: (data) => data }, { not: 'a text' });
        await drain(queue, nothing);
        expect(await queue.find(id)).toMatchObject({ state: 'failed', attempt: 1, error: 'not a text' });
      });

      it('goes on with other jobs when one fails', async () => {
        await queue.add(plainJob, 'bad');
        const good = await queue.add(plainJob, 'good');
        await drain(queue, async (data, context) => (data === 'bad' ? fail : nothing)(data, context));
        expect(await stateOf(good.id)).toBe('completed');
      });

      it('does not count a try that was not ready', async () => {
        const { id } = await queue.add(onceJob, 'a');
        const notReady: Handle = async () => {
          throw new JobNotReady(500, 'another sync is running');
        };
        for (let round = 0; round < 3; round += 1) {
          await drain(queue, notReady);
          expect(await queue.find(id)).toMatchObject({ state: 'waiting', attempt: 0 });
          await drain(queue, fail); // too early
          await harness.advance(500);
        }
        await drain(queue, nothing);
        expect(await queue.find(id)).toMatchObject({ state: 'completed', attempt: 1 });
      });
    });

    describe('watching', () => {
      it('shows the progress to other processes, within 0 and 1', async () => {
        const { id } = await queue.add(plainJob, 'a');
        const watcher = harness.open();
        const seen: unknown[] = [];
        await drain(queue, async (_, context) => {
          for (const fraction of [0.25, 0.5, 7, -1, Number.NaN]) {
            await context.progress(fraction);
            seen.push((await watcher.find(id))?.progress);
          }
        });
        expect(seen).toEqual([0.25, 0.5, 1, 0, 0]);
      });

      it('begins each attempt without progress', async () => {
        const { id } = await queue.add(plainJob, 'a');
        await drain(queue, async (data, context) => {
          await context.progress(0.5);
          await fail(data, context);
        });
        expect(await queue.find(id)).toMatchObject({ state: 'waiting', progress: 0.5 });
        await harness.advance(200);
        let begun: unknown;
        await drain(queue, async () => void (begun = await queue.find(id)));
        expect(begun).toMatchObject({ state: 'active', attempt: 2, progress: 0 });
      });

      it('forgets ended ones that are old', async () => {
        const done = await queue.add(plainJob, 'done');
        await drain(queue, nothing);
        const failed = await queue.add(onceJob, 'failed');
        await drain(queue, fail);
        const waiting = await queue.add(plainJob, 'waiting');
        expect(await queue.sweep(1_000)).toBe(0);
        await harness.advance(1_001);
        expect(await queue.sweep(1_000)).toBe(2);
        for (const { id } of [done, failed]) expect(await queue.find(id)).toBeUndefined();
        expect(await stateOf(waiting.id)).toBe('waiting');
      });
    });

    describe('stopping', () => {
      it.each<[string, Handle, string, number]>([
        ['gives back a job whose handler throws', fail, 'waiting', 0],
        ['keeps the end of a job that made it', nothing, 'completed', 1],
      ])('aborts what runs with "worker-stopping" and %s', async (_, ending, state, attempt) => {
        const { id } = await queue.add(onceJob, 'a');
        let reason: unknown;
        const started = new Promise<{ stop: () => Promise<void> }>((resolve) => {
          const worker = queue.work(
            [
              handler(onceJob, async (data, context) => {
                const aborted = once(context.signal, 'abort');
                resolve({ stop: () => worker.close() });
                await aborted;
                reason = context.signal.reason;
                await ending(data, context);
              }),
            ],
            { concurrency: 1 },
          );
        });
        await (await started).stop();
        expect(reason).toBe('worker-stopping');
        expect(await queue.find(id)).toMatchObject({ state, attempt, error: undefined });
      });

      it('claims nothing after it was closed', async () => {
        const worker = queue.work([handler(plainJob, nothing)], { concurrency: 1 });
        await worker.close();
        const { id } = await queue.add(plainJob, 'a');
        await worker.idle;
        expect(await stateOf(id)).toBe('waiting');
      });
    });

    describeJobPausing(() => harness);
    describeJobRecovery(() => harness);
  });
}
