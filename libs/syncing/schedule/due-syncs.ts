import { type Config } from '#libs/config/config.js';
import { token } from '#libs/kernel/provider.js';
import { type Repository } from '#libs/repositories/repository.js';

import { lastDue, nextDue, type DueTime } from './due-time.js';

/** When repositories are synced, unless they say so themselves. */
export interface SyncTimes {
  /** A cron expression. */
  readonly schedule: string;
  /** The IANA zone whose clock all schedules go by. */
  readonly timezone: string;
}

export const SYNC_TIMES = token<SyncTimes>('SyncTimes');

export const syncTimes = ({ sync, app }: Pick<Config, 'sync' | 'app'>): SyncTimes => ({
  schedule: sync.schedule,
  timezone: app.timezone,
});

export interface DueSync extends DueTime {
  /** Used by one run only, so that what is due is done once, however many schedulers look. */
  readonly dueKey: string;
}

type Scheduled = Pick<Repository, 'name' | 'schedule' | 'createdAt'>;

/**
 * The latest sync of a repository that has come due. Of several that were missed it is the last one, and there is none
 * from before the repository was there.
 *
 * @throws AppError `INVALID_SCHEDULE`
 */
export function dueSync(repository: Scheduled, times: SyncTimes, now: Date): DueSync | undefined {
  const due = lastDue(repository.schedule ?? times.schedule, times.timezone, now);
  if (due === undefined || due.at < repository.createdAt) return undefined;
  return { ...due, dueKey: `schedule:${repository.name}:${due.local}` };
}

/** When a repository will be synced next by itself; `undefined` when its schedule names no further time. */
export const nextSync = ({ schedule }: Pick<Repository, 'schedule'>, times: SyncTimes, now: Date): Date | undefined =>
  nextDue(schedule ?? times.schedule, times.timezone, now)?.at;
