import { setTimeout as delay } from 'node:timers/promises';

import { type DataSource, type EntityManager, type QueryRunner } from 'typeorm';

import { AppError } from '#libs/kernel/errors.js';

import { explainPostgresError, isRefusal } from './errors.js';

/** Of all that lock by a number in the database: "Parceler", in eight letters' bytes. */
const WRITE_LOCK = '5791443318430852466';

/**
 * Begins a transaction that holds the one lock of all writers, so that they go one at a time in all processes, as they do
 * with SQLite (docs/adr/0010-one-writer-at-a-time-on-postgresql.md).
 */
export async function begin(source: DataSource): Promise<QueryRunner> {
  const runner = source.createQueryRunner();
  try {
    await runner.query(`begin; select pg_advisory_xact_lock(${WRITE_LOCK})`);
    return runner;
  } catch (error) {
    await rollBack(runner);
    await runner.release();
    throw error;
  }
}

export interface Commit {
  /** What is sent along when something was changed. */
  readonly announcement: string;
  /** Asked what became of the transaction when no answer comes. */
  readonly other: DataSource;
  readonly patienceMs: number;
}

export interface Done<T> {
  readonly result: T;
  /** Whether anything was changed. */
  readonly changed: boolean;
}

/**
 * Does the work in a transaction that has begun, and ends it. When the connection is lost before the commit is answered,
 * the server is asked by another one.
 *
 * @throws AppError `DATABASE_CONNECTION_LOST` when it was undone, `DATABASE_OUTCOME_UNKNOWN` when nobody can say
 */
export async function complete<T>(
  runner: QueryRunner,
  work: (manager: EntityManager) => Promise<T>,
  how: Commit,
): Promise<Done<T>> {
  try {
    const result = await work(runner.manager);
    const [state] = await runner.manager.query<readonly State[]>('select pg_current_xact_id_if_assigned()::text as id');
    const id = state?.id ?? undefined; // without one there is nothing to be kept
    await commit(runner, id, how);
    return { result, changed: id !== undefined };
  } catch (error) {
    await rollBack(runner);
    throw error;
  } finally {
    await runner.release();
  }
}

interface State {
  readonly id: string | null;
}

async function commit(
  runner: QueryRunner,
  id: string | undefined,
  { announcement, other, patienceMs }: Commit,
): Promise<void> {
  try {
    await runner.query(id === undefined ? 'commit' : `${announcement}; commit`);
  } catch (error) {
    if (isRefusal(error)) throw error;
    const fate = id === undefined ? 'committed' : await fateOf(id, other, patienceMs);
    if (fate === 'aborted') throw explainPostgresError(error);
    if (fate !== 'committed') throw outcomeUnknown(error);
  }
}

/** The first error is the one worth telling. */
const rollBack = (runner: QueryRunner): Promise<unknown> => runner.query('rollback').catch(() => undefined);

/** It may also be under way still, until the server notices that we are gone. */
async function fateOf(id: string, source: DataSource, patienceMs: number): Promise<string | null | undefined> {
  const giveUpAt = performance.now() + patienceMs;
  do {
    const found = await source
      .query<readonly { readonly fate: string | null }[]>('select pg_xact_status($1::xid8) as fate', [id])
      .catch(() => undefined);
    const fate = found?.[0]?.fate;
    if (found !== undefined && fate !== 'in progress') return fate;
    await delay(50);
  } while (performance.now() < giveUpAt);
  return undefined;
}

const outcomeUnknown = (cause: unknown): AppError =>
  new AppError(
    'unavailable',
    'DATABASE_OUTCOME_UNKNOWN',
    'The connection to the database was lost while a change was being saved; it may have been saved or not.',
    { hint: 'Look whether it was, before you try again.', cause },
  );
