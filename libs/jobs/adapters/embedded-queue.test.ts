import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BetterSqlite3 } from '#libs/persistence/sqlite/driver.js';

import { DAY, MINUTE } from '#libs/kernel/duration.js';
import { bundleProgram } from '#libs/kernel/testing/bundle-program.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { silentLog } from '#libs/observability/log.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';

import { type JobWorker } from '../job-queue.js';
import { describeJobQueue } from '../testing/jobs.contract.js';
import { type QueueHarness } from '../testing/queue-harness.js';
import { heldJob, plainJob } from '../testing/contract-jobs.js';
import { WorkerProcess } from '../testing/worker-process.js';
import { EmbeddedQueue } from './embedded-queue.js';

const program = bundleProgram(join(__dirname, '../testing/embedded-worker.program.ts'));
const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'queue-')), 'deep', 'queue.sqlite');

/** Worker programs go by the system's clock, moved ahead as far as the test's own at their start. */
async function makeHarness(): Promise<QueueHarness> {
  const file = newFile();
  const clock = fixedClock(new Date());
  let aheadMs = 0;
  const opened: EmbeddedQueue[] = [];
  return {
    open: () => {
      const queue = new EmbeddedQueue(file, { clock, log: silentLog });
      opened.push(queue);
      return queue;
    },
    advance: async (milliseconds) => {
      aheadMs += milliseconds;
      clock.advance(milliseconds);
    },
    leaseMs: 15_000,
    workerCommand: () => ({ ...program, args: [file, String(aheadMs)] }),
    close: async () => {
      await Promise.all(opened.map((queue) => queue.close()));
    },
  };
}

describeJobQueue('EmbeddedQueue', makeHarness);

describe('EmbeddedQueue', () => {
  const clock = fixedClock('2026-03-10T00:00:00Z');
  const open = (file: string) => new EmbeddedQueue(file, { clock, log: silentLog });

  it('refuses a file that a newer version has written, and leaves it alone (T-19)', async () => {
    const file = newFile();
    await open(file).close();
    const database = new BetterSqlite3(file);
    database.pragma('user_version = 99');
    database.close();
    expect(() => open(file)).toThrow('written by a newer Parceler');
    expect(new BetterSqlite3(file).pragma('user_version', { simple: true })).toBe(99);
  });

  it('is made by several processes that start at once', async () => {
    const file = newFile();
    const command = { ...program, args: [file] };
    const workers = Array.from({ length: 4 }, () => WorkerProcess.start(command));
    await Promise.all(workers.map((worker) => worker.event('ready')));
    const queue = open(file);
    await queue.add(plainJob, 'a');
    expect(await Promise.race(workers.map((worker) => worker.event('done')))).toBe('a');
    await Promise.all(workers.map((worker) => worker.end()));
    await queue.close();
  });

  it('hands every job of 300 to one of three processes (T-49)', async () => {
    const file = newFile();
    const queue = open(file);
    const data = Array.from({ length: 300 }, (_, index) => String(index));
    for (const item of data) await queue.add(plainJob, item);
    await queue.add(plainJob, 'last');
    const workers = Array.from({ length: 3 }, () => WorkerProcess.start({ ...program, args: [file] }));
    await Promise.any(workers.map((worker) => worker.event('done', 'last')));
    await Promise.allSettled(workers.map((worker) => worker.event('ready')));
    await Promise.all(workers.map((worker) => worker.end()));
    const done = workers.flatMap((worker) => worker.events('done'));
    expect(done.toSorted()).toEqual([...data, 'last'].toSorted());
    await queue.close();
  });

  describe('when the clock was ahead', () => {
    const AHEAD = 10 * DAY;
    const run = async (queue: EmbeddedQueue): Promise<readonly string[]> => {
      const seen: string[] = [];
      const handlers = [plainJob, heldJob].map((job) => ({
        job,
        handle: async (data: string) => void seen.push(data),
      }));
      await queue.work(handlers, { concurrency: 1, once: true }).idle;
      return seen;
    };

    it('takes up what a worker had that was killed then (T-42)', async () => {
      const file = newFile();
      const queue = open(file);
      await queue.add(heldJob, 'a');
      const worker = WorkerProcess.start({
        ...program,
        args: [file, String(clock.now().getTime() + AHEAD - Date.now())],
      });
      await worker.event('started');
      await worker.end('SIGKILL');
      expect(await run(queue)).toEqual(['a']);
      await queue.close();
    });

    it('does not wait for the time to come that it was then, and keeps to what was to wait (T-42)', async () => {
      const queue = open(newFile());
      clock.advance(AHEAD);
      await queue.add(plainJob, 'at once');
      await queue.add(plainJob, 'later', { delayMs: MINUTE });
      clock.advance(-AHEAD);
      expect(await run(queue)).toEqual(['at once']);
      clock.advance(MINUTE);
      expect(await run(queue)).toEqual(['later']);
      await queue.close();
    });
  });

  it('takes the one first that has been ready longest, and of those that were ready together the first one', async () => {
    const queue = open(newFile());
    const added = { a: 200, b: 0, c: 0, d: 100, e: 100 };
    for (const [data, delayMs] of Object.entries(added)) await queue.add(plainJob, data, { delayMs });
    clock.advance(200);
    const order: string[] = [];
    const handler = { job: plainJob, handle: async (data: string) => void order.push(data) };
    await queue.work([handler], { concurrency: 1, once: true }).idle;
    expect(order.join('')).toBe('bcdea');
    await queue.close();
  });

  it('keeps the leases of what it runs while it is paused (T-143)', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    const file = newFile();
    const [queue, other] = [open(file), open(file)];
    const taken: string[] = [];
    let release = (): void => undefined;
    try {
      await queue.add(plainJob, 'a');
      let worker: JobWorker | undefined;
      await new Promise<void>((begun) => {
        const handle = (): Promise<void> => {
          begun();
          return new Promise((end) => {
            release = end;
          });
        };
        worker = queue.work([{ job: plainJob, handle }], { concurrency: 1 });
      });
      worker?.pause();
      for (let second = 0; second < 60; second += 1) {
        clock.advance(1_000);
        jest.advanceTimersByTime(1_000);
      }
      const takeUp = { job: plainJob, handle: async (data: string) => void taken.push(data) };
      await other.work([takeUp], { concurrency: 1, once: true }).idle;
      expect(taken).toEqual([]);
    } finally {
      jest.useRealTimers();
      release();
      await Promise.all([queue.close(), other.close()]);
    }
  });

  it('says once that it cannot be written, tries again each second, and says when it can (T-141)', async () => {
    jest.useFakeTimers();
    const file = newFile();
    const log = new RecordedLog();
    const queue = new EmbeddedQueue(file, { clock, log });
    const full = new BetterSqlite3(file);
    const done: string[] = [];
    try {
      full.exec(`create trigger full before update on jobs begin select raise(abort, 'disk is full'); end`);
      await queue.add(plainJob, 'a');
      queue.work([{ job: plainJob, handle: async (data: string) => void done.push(data) }], { concurrency: 1 });
      jest.advanceTimersByTime(3_000);
      clock.advance(2_000);
      jest.advanceTimersByTime(3_000);
      expect(log.lines).toMatchObject([{ level: 'error', message: 'job queue not reachable' }]);

      full.exec('drop trigger full');
      jest.advanceTimersByTime(3_000);
      expect(done).toEqual([]);
      clock.advance(1_000);
      await jest.advanceTimersByTimeAsync(3_000);
      expect(done).toEqual(['a']);
      expect(log.lines.slice(1)).toMatchObject([{ level: 'info', message: 'job queue reachable again' }]);
    } finally {
      jest.useRealTimers();
      full.close();
      await queue.close();
    }
  });
});
