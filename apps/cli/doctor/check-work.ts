import { JOB_QUEUE, type JobQueue } from '#libs/jobs/job-queue.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { counted } from '#libs/kernel/counted.js';
import { before, DAY } from '#libs/kernel/duration.js';
import { isAppError } from '#libs/kernel/errors.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { problem, warning, type Check, type Finding } from './finding.js';

/** Whether runs and jobs come to an end. */
export const checkWork: Check = async (use) => {
  const yesterday = before((await use(CLOCK)).now(), DAY);
  const open = await (await use(RUN_STORE)).openSince(yesterday);
  const findings = open.map(({ id, repository, state }) =>
    warning(
      `run ${String(id)}`,
      `A run of ${repository} has been ${state} for more than a day.`,
      'Is a worker running?',
    ),
  );
  return [...findings, ...(await queueFindings(await use(JOB_QUEUE)))];
};

async function queueFindings(queue: JobQueue): Promise<readonly Finding[]> {
  try {
    const failed = await queue.failed();
    if (failed.length === 0) return [];
    return [warning('queue', `${counted(failed.length, 'job')} used up all attempts.`, 'queue:failed lists them.')];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return [problem('queue', error.message, error.hint ?? 'The log of the workers may say more.')];
  }
}
