import { defineJob } from '#libs/jobs/job.js';
import { MINUTE } from '#libs/kernel/duration.js';

/** Removes the snapshots that retention drops, of all repositories. */
export const pruneSnapshotsJob = defineJob({
  name: 'prune-snapshots',
  attempts: 3,
  backoffMs: MINUTE,
  parse: () => undefined,
});

/** Removes blobs that no snapshot needs. */
export const collectGarbageJob = defineJob({
  name: 'collect-garbage',
  attempts: 3,
  backoffMs: 10 * MINUTE,
  parse: () => undefined,
});
