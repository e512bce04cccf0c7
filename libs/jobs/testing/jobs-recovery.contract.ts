import { until } from '#libs/kernel/testing/until.js';

import { type JobQueue } from '../job-queue.js';
import { heldJob, plainJob, poisonJob } from './contract-jobs.js';
import { handler, type QueueHarness } from './queue-harness.js';
import { WorkerProcess } from './worker-process.js';

/** The part of the contract that needs real processes: what happens when a worker is killed or stands still. */
export function describeJobRecovery(harness: () => QueueHarness): void {
  describe('when workers die', () => {
    let queue: JobQueue;
    let workers: WorkerProcess[];

    beforeEach(() => {
      queue = harness().open();
      workers = [];
    });
    afterEach(() => Promise.all(workers.map((worker) => worker.end('SIGKILL'))));

    /** Twice, since the worker programs' clock runs on while a test's may stand still. */
    const leaseLapses = (): Promise<void> => harness().advance(2 * harness().leaseMs);

    const startWorker = (): WorkerProcess => {
      const worker = WorkerProcess.start(harness().workerCommand());
      workers.push(worker);
      return worker;
    };

    it('takes up the job of a worker that was killed with -9, once its lease has lapsed (T-02)', async () => {
      const { id } = await queue.add(heldJob, 'a');
      const worker = startWorker();
      expect(await worker.event('started')).toBe('a');
      await worker.end('SIGKILL');
      expect(await queue.find(id)).toMatchObject({ state: 'active', attempt: 1 });

      expect(harness().leaseMs).toBeLessThan(30_000); // taken up within 45 s
      await leaseLapses();
      const takeUp = handler(heldJob, async () => undefined);
      await queue.work([takeUp], { concurrency: 1, once: true }).idle;
      expect(await queue.find(id)).toMatchObject({ state: 'completed', attempt: 2 });
    });

    it('leaves the job of a living worker alone', async () => {
      await queue.add(heldJob, 'a');
      await startWorker().event('started');
      let taken = false;
      const takeUp = handler(heldJob, async () => void (taken = true));
      await queue.work([takeUp], { concurrency: 1, once: true }).idle;
      expect(taken).toBe(false);
    });

    it('gives jobs back unharmed when a worker is told to end (T-20)', async () => {
      const { id } = await queue.add(heldJob, 'a');
      const worker = startWorker();
      await worker.event('started');
      worker.signal('SIGTERM');
      expect(await worker.event('aborted')).toBe('worker-stopping');
      await worker.ended();
      expect(await queue.find(id)).toMatchObject({ state: 'waiting', attempt: 0 });
    });

    it('tells a worker that stood still too long that its claim is lost; its late ending changes nothing (T-47)', async () => {
      const { id } = await queue.add(heldJob, 'a');
      const paused = startWorker();
      await paused.event('started');
      paused.signal('SIGSTOP');
      await leaseLapses();

      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await new Promise<void>((resolve) => {
        const takeUp = handler(heldJob, async () => {
          resolve();
          await held;
        });
        queue.work([takeUp], { concurrency: 1 });
      });
      paused.signal('SIGCONT');
      expect(await paused.event('aborted')).toBe('claim-lost');
      await paused.end();
      expect(await queue.find(id)).toMatchObject({ state: 'active', attempt: 2 });
      release();
      await queue.close();
      queue = harness().open();
      expect(await queue.find(id)).toMatchObject({ state: 'completed', attempt: 2 });
    });

    it('parks a job that kills every worker, and lets the others live (T-55)', async () => {
      const { id } = await queue.add(poisonJob, 'a');
      const other = await queue.add(plainJob, 'b', { delayMs: 1 });
      for (let attempt = 1; attempt <= poisonJob.attempts; attempt += 1) {
        await startWorker().ended();
        expect(await queue.find(id)).toMatchObject({ state: 'active', attempt });
        await leaseLapses();
      }
      startWorker();
      await until(async () => (await queue.find(id))?.state === 'failed');
      await until(async () => (await queue.find(other.id))?.state === 'completed');
      expect(await queue.find(id)).toMatchObject({ state: 'failed', attempt: 2 });
      expect((await queue.find(id))?.error).toContain('worker');
      expect((await queue.failed()).map((job) => job.id)).toEqual([id]);
    });
  });
}
