import { type JobQueue, type JobWorker } from '../job-queue.js';
import { plainJob } from './contract-jobs.js';
import { drain, type Handle, handler, type QueueHarness } from './queue-harness.js';

const nothing: Handle = async () => undefined;

/** The part of the contract about workers that are to leave the queue alone for a while. */
export function describeJobPausing(harness: () => QueueHarness): void {
  describe('pausing', () => {
    let queue: JobQueue;
    beforeEach(() => {
      queue = harness().open();
    });

    /** Before its first look. */
    const pausedWorker = (handle: Handle, once = false): JobWorker => {
      const worker = queue.work([handler(plainJob, handle)], { concurrency: 1, once });
      worker.pause();
      return worker;
    };
    const stateOf = async (id: string) => (await queue.find(id))?.state;

    it('leaves everything to others until it is resumed', async () => {
      const seen: string[] = [];
      let paused: JobWorker | undefined;
      const ran = new Promise<string>((resolve) => {
        paused = pausedWorker(async (data) => {
          seen.push(`paused worker: ${data}`);
          resolve(data);
        });
      });
      const data = Array.from({ length: 20 }, (_, index) => String(index));
      for (const item of data) await queue.add(plainJob, item);
      await drain(harness().open(), async (item) => void seen.push(item));
      expect(seen).toEqual(data);

      await queue.add(plainJob, 'last');
      paused?.resume();
      expect(await ran).toBe('last');
    });

    it('goes on with what it runs, and claims nothing behind that', async () => {
      const held = await queue.add(plainJob, 'held');
      const waiting = await queue.add(plainJob, 'waiting');
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      let aborted: boolean | undefined;
      let worker: JobWorker | undefined;
      await new Promise<void>((begun) => {
        const hold: Handle = async (_, { signal }) => {
          begun();
          await released;
          aborted = signal.aborted;
        };
        worker = queue.work([handler(plainJob, hold)], { concurrency: 1, once: true });
      });
      worker?.pause();
      release();
      await worker?.idle;
      expect(aborted).toBe(false);
      expect(await queue.find(held.id)).toMatchObject({ state: 'completed', attempt: 1 });
      expect(await queue.find(waiting.id)).toMatchObject({ state: 'waiting', attempt: 0 });
    });

    it('has nothing left to do at once when it works once', async () => {
      const { id } = await queue.add(plainJob, 'a');
      await pausedWorker(nothing, true).idle;
      expect(await stateOf(id)).toBe('waiting');
    });

    it('can be closed', async () => {
      await pausedWorker(nothing).close();
      const { id } = await queue.add(plainJob, 'a');
      await drain(queue, nothing);
      expect(await stateOf(id)).toBe('completed');
    });
  });
}
