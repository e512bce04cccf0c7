import { once } from 'node:events';

import { type JobQueue } from '../job-queue.js';
import { type JobHandler } from '../job.js';
import { heldJob, plainJob, poisonJob } from './contract-jobs.js';

const tell = (event: string, detail: unknown): boolean =>
  process.stdout.write(`${JSON.stringify({ event, detail })}\n`);

/** What a driver's worker program runs after opening its queue: works until SIGTERM, and tells on stdout what happens. */
export async function workUntilTerminated(queue: JobQueue): Promise<void> {
  const held: JobHandler<string> = {
    job: heldJob,
    handle: async (text, { signal }) => {
      const aborted = once(signal, 'abort');
      tell('started', text);
      await aborted;
      tell('aborted', signal.reason);
      throw new Error('broken off');
    },
  };
  const poison: JobHandler<string> = { job: poisonJob, handle: async () => void process.kill(process.pid, 'SIGKILL') };
  const plain: JobHandler<string> = { job: plainJob, handle: async (text) => void tell('done', text) };
  queue.work([held, poison, plain], { concurrency: 2 });
  tell('ready', process.pid);
  await once(process, 'SIGTERM');
  await queue.close();
}
