import { JOB_QUEUE } from '#libs/jobs/job-queue.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { counted } from '#libs/kernel/counted.js';
import { before, DAY } from '#libs/kernel/duration.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { warning, type Check } from './finding.js';

/** Whether runs and jobs come to an end. */
export const checkWork: Check = async (use) => {
  const yesterday = before((await use(CLOCK)).now(), DAY);
  const open = await (await use(RUN_STORE)).openSince(yesterday);
  const failed = await (await use(JOB_QUEUE)).failed();
  const findings = open.map(({ id, repository, state }) =>
    warning(
      `run ${String(id)}`,
      `A run of ${repository} has been ${state} for more than a day.`,
      'Is a worker running?',
    ),
  );
  if (failed.length === 0) return findings;
  return [
    ...findings,
    warning('queue', `${counted(failed.length, 'job')} used up all attempts.`, 'queue:failed lists them.'),
  ];
};
