import { randomUUID } from 'node:crypto';

import type BetterSqlite3 from 'better-sqlite3';

import { type JobState, type JobView, type Retry } from '../job-queue.js';
import * as sql from './embedded-queue.sql.js';

interface JobRow {
  readonly id: number;
  readonly name: string;
  readonly data: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly backoff_ms: number;
  readonly progress: number;
  readonly error: string | null;
  readonly added_at: number;
  readonly finished_at: number | null;
}

/** Until a job is tried again, from now. */
export interface Wait {
  readonly now: number;
  readonly waitMs: number;
}

const NO_WAIT = { now: null, waitMs: null };

/** One taking of a job; what is written under it changes nothing once the job was taken from its holder. */
export interface Claim {
  readonly id: number;
  readonly claim: string;
}

export interface ClaimedJob extends Claim {
  readonly name: string;
  /** JSON. */
  readonly data: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly backoffMs: number;
}

export interface NewJob {
  readonly name: string;
  readonly data: string;
  readonly runAt: number;
  readonly maxAttempts: number;
  readonly backoffMs: number;
  readonly dedupeKey: string | null;
  readonly now: number;
}

export interface ReapedJob {
  readonly id: number;
  readonly name: string;
  readonly attempt: number;
  readonly state: 'waiting' | 'failed';
}

/** The queue's one table. Instants are milliseconds since 1970; every method is one short transaction. */
export class JobTable {
  private readonly statements = new Map<string, BetterSqlite3.Statement>();

  constructor(private readonly database: BetterSqlite3.Database) {}

  add(job: NewJob): { readonly id: number; readonly joined: boolean } {
    const insert = () => {
      const { changes, lastInsertRowid } = this.run(sql.ADD, job);
      if (changes === 1) return { id: Number(lastInsertRowid), joined: false };
      return { id: this.prepared<{ id: number }>(sql.FIND_OPEN).get(job.dedupeKey)?.id ?? 0, joined: true };
    };
    return this.database.transaction(insert).immediate();
  }

  /** Takes the job whose turn it is: the one that has been ready longest. */
  claim(now: number, leaseMs: number): ClaimedJob | undefined {
    const claim = randomUUID();
    const row = this.prepared<JobRow>(sql.CLAIM).get({ claim, leaseUntil: now + leaseMs, now });
    if (row === undefined) return undefined;
    const { id, name, data, attempt, max_attempts: maxAttempts, backoff_ms: backoffMs } = row;
    return { id, claim, name, data, attempt, maxAttempts, backoffMs };
  }

  nextDue(): { readonly readyAt: number; readonly lapsesAt: number } {
    const due = this.prepared<{ readyAt: number | null; lapsesAt: number | null }>(sql.NEXT_DUE).get();
    return { readyAt: due?.readyAt ?? Infinity, lapsesAt: due?.lapsesAt ?? Infinity };
  }

  holds(claim: Claim): boolean {
    return this.prepared(sql.HELD).get({ id: claim.id, claim: claim.claim }) !== undefined;
  }

  renew(claim: Claim, leaseUntil: number): boolean {
    return this.run(sql.RENEW, { ...claim, leaseUntil }).changes === 1;
  }

  progress(claim: Claim, progress: number): void {
    this.run(sql.PROGRESS, { ...claim, progress });
  }

  complete(claim: Claim, now: number): void {
    this.run(sql.COMPLETE, { ...claim, now });
  }

  /** Tried in vain, to be tried again. */
  postpone(claim: Claim, wait: Wait, error: string): void {
    this.run(sql.POSTPONE, { ...claim, ...wait, error });
  }

  /** Not tried after all: this attempt does not count. */
  giveBack(claim: Claim, wait?: Wait): void {
    this.run(sql.GIVE_BACK, { ...claim, ...(wait ?? NO_WAIT) });
  }

  park(claim: Claim, now: number, error: string): void {
    this.run(sql.PARK, { ...claim, now, error });
  }

  /** Takes jobs away from workers that have not renewed their lease, or whose lease ends later than any may. */
  reap(now: number, unbelievable: number): readonly ReapedJob[] {
    return this.prepared<ReapedJob>(sql.REAP).all({ now, unbelievable });
  }

  /** Ends the waiting for a time that only a clock knew which was ahead. */
  setRight(now: number, unbelievable: number): void {
    this.run(sql.SET_RIGHT, { now, unbelievable });
  }

  retry(id: number, now: number): Retry {
    const retry = () => {
      if (this.run(sql.RETRY, { id, now }).changes === 1) return 'retried';
      return this.find(id)?.state === 'failed' ? 'joined' : 'not-found';
    };
    return this.database.transaction(retry).immediate();
  }

  find(id: number): JobView | undefined {
    const row = this.prepared<JobRow>(sql.FIND).get(id);
    return row && toView(row);
  }

  failed(): readonly JobView[] {
    return this.prepared<JobRow>(sql.FAILED).all().map(toView);
  }

  sweep(before: number): number {
    return this.run(sql.SWEEP, { before }).changes;
  }

  /** Changes when another connection, of this process or another one, has committed; costs about a microsecond. */
  version(): number {
    return this.prepared<{ data_version: number }>('pragma data_version').get()?.data_version ?? 0;
  }

  close(): void {
    this.database.close();
  }

  private run(text: string, values: unknown): BetterSqlite3.RunResult {
    return this.prepared(text).run(values);
  }

  private prepared<Row>(text: string): BetterSqlite3.Statement<unknown[], Row> {
    let statement = this.statements.get(text);
    if (statement === undefined) this.statements.set(text, (statement = this.database.prepare(text)));
    return statement as BetterSqlite3.Statement<unknown[], Row>;
  }
}

function toView(row: JobRow): JobView {
  return {
    id: String(row.id),
    name: row.name,
    data: JSON.parse(row.data),
    state: row.state,
    attempt: row.attempt,
    progress: row.progress,
    error: row.error ?? undefined,
    addedAt: new Date(row.added_at),
    finishedAt: row.finished_at === null ? undefined : new Date(row.finished_at),
  };
}
