import { join } from 'node:path';

import { bundleProgram } from '#libs/kernel/testing/bundle-program.js';
import { silentLog } from '#libs/observability/log.js';

import { BullQueue } from '../adapters/bull-queue.js';
import { LEASE_MS, type BullServer } from '../adapters/bull-server.js';
import { moveDateAhead } from './move-date-ahead.js';
import { type QueueHarness } from './queue-harness.js';

const program = bundleProgram(join(__dirname, 'bull-worker.program.ts'));

export interface BullHarnessParts {
  readonly server: BullServer;
  /** By which a worker program finds it. */
  readonly url: URL;
  /** What the server measures by a clock of its own becomes so much older. */
  readonly age: (milliseconds: number) => Promise<unknown>;
}

/** A queue of BullMQ, in which time passes when it is told to. */
export function bullHarness({ server, url, age }: BullHarnessParts): QueueHarness {
  const standby = server.newWorker();
  const opened: BullQueue[] = [];
  let aheadMs = 0;
  return {
    open: () => {
      const queue = new BullQueue(server, silentLog);
      opened.push(queue);
      return queue;
    },
    advance: async (milliseconds) => {
      for (let half = 0; half < 2; half += 1) {
        aheadMs += milliseconds / 2;
        moveDateAhead(Math.ceil(aheadMs));
        await age(Math.ceil(milliseconds / 2));
        await standby.getBackend().moveStalledJobsToWait(); // living workers look all the time
      }
    },
    leaseMs: LEASE_MS,
    workerCommand: () => ({ ...program, args: [url.href, String(aheadMs)] }),
    close: async () => {
      moveDateAhead(0);
      await Promise.all(opened.map((queue) => queue.close()));
      await standby.getBackend().close(true);
    },
  };
}
