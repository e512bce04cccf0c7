/** Grows with every change to `SCHEMA`; kept in the file's `user_version`. */
export const SCHEMA_VERSION = 1;

/**
 * `claim` names one taking of the job, not the worker: a worker that lost a job and took it again must not have the
 * first, late ending end the second. `waits_since` is the clock's time when the job was put among those that wait, so
 * that `SET_RIGHT` can tell a long wait from one that a clock made which was ahead.
 */
export const SCHEMA = `
create table jobs (
  id integer primary key autoincrement,
  name text not null,
  data text not null,
  state text not null,
  run_at integer not null,
  waits_since integer not null,
  attempt integer not null default 0,
  max_attempts integer not null,
  backoff_ms integer not null,
  dedupe_key text,
  claim text,
  lease_until integer,
  progress real not null default 0,
  error text,
  added_at integer not null,
  finished_at integer
) strict;
create index jobs_by_turn on jobs (run_at, id) where state = 'waiting';
create index jobs_by_lease on jobs (lease_until) where state = 'active';
create index jobs_by_end on jobs (state, finished_at) where finished_at is not null;
create unique index jobs_by_key on jobs (dedupe_key) where dedupe_key is not null and state in ('waiting', 'active');
`;

export const ADD = `
insert into jobs (name, data, state, run_at, waits_since, max_attempts, backoff_ms, dedupe_key, added_at)
values (@name, @data, 'waiting', @runAt, @now, @maxAttempts, @backoffMs, @dedupeKey, @now)
on conflict (dedupe_key) where dedupe_key is not null and state in ('waiting', 'active') do nothing`;

export const FIND_OPEN = `select id from jobs where dedupe_key = ? and state in ('waiting', 'active')`;

export const CLAIM = `
update jobs set state = 'active', claim = @claim, lease_until = @leaseUntil, attempt = attempt + 1, progress = 0
where id = (
  select id from jobs where state = 'waiting' and run_at <= @now order by run_at, id limit 1
) returning *`;

/** When the next job may start and when the next lease lapses. */
export const NEXT_DUE = `
select
  (select min(run_at) from jobs where state = 'waiting') as readyAt,
  (select min(lease_until) from jobs where state = 'active') as lapsesAt`;

const MINE = `where id = @id and claim = @claim and state = 'active'`;

export const RENEW = `update jobs set lease_until = @leaseUntil ${MINE}`;

export const HELD = `select 1 from jobs ${MINE}`;

export const PROGRESS = `update jobs set progress = @progress ${MINE}`;

export const COMPLETE = `
update jobs set state = 'completed', progress = 1, error = null, claim = null, lease_until = null, finished_at = @now ${MINE}`;

export const POSTPONE = `
update jobs set state = 'waiting', run_at = @now + @waitMs, waits_since = @now, error = @error,
  claim = null, lease_until = null ${MINE}`;

/** The attempt does not count; without a time to wait the job keeps its place. */
export const GIVE_BACK = `
update jobs set state = 'waiting', attempt = attempt - 1, run_at = coalesce(@now + @waitMs, run_at),
  waits_since = coalesce(@now, waits_since), claim = null, lease_until = null ${MINE}`;

export const PARK = `
update jobs set state = 'failed', error = @error, claim = null, lease_until = null, finished_at = @now ${MINE}`;

export const REAP = `
update jobs set
  state = case when attempt < max_attempts then 'waiting' else 'failed' end,
  finished_at = case when attempt < max_attempts then null else @now end,
  error = 'The worker was gone before the job had ended.', claim = null, lease_until = null
where state = 'active' and (lease_until < @now or lease_until > @unbelievable)
returning id, name, attempt, state`;

/** What was to wait so long when the clock was ahead waits as long from now on (trust T-42). */
export const SET_RIGHT = `
update jobs set run_at = @now + (run_at - waits_since), waits_since = @now
where state = 'waiting' and waits_since > @unbelievable`;

/** Ignored is what the index `jobs_by_key` refuses. */
export const RETRY = `
update or ignore jobs set state = 'waiting', attempt = 0, progress = 0, run_at = @now, waits_since = @now, finished_at = null
where id = @id and state = 'failed'`;

export const FIND = `select * from jobs where id = ?`;

export const FAILED = `select * from jobs where state = 'failed' order by finished_at desc, id desc`;

export const SWEEP = `
delete from jobs where state in ('completed', 'failed') and finished_at < @before`;
