import { type EntityManager, type SelectQueryBuilder, type UpdateQueryBuilder } from 'typeorm';

import { type RepositoryName } from '#libs/kernel/ids.js';
import { recordAudit } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';
import { assertFence } from '#libs/persistence/fence.js';
import { type Fence } from '#libs/persistence/lease.js';

import { type Run } from '../runs/run.js';
import {
  openKey,
  type LogChunk,
  type RunAttempt,
  type RunOutcome,
  type RunQuery,
  type RunRequest,
  type RunStore,
} from '../runs/run-store.js';
import { newRow, runLogTable, runTable, toRun, type RunRow } from './run.table.js';

/** What the latest successful and the latest due run of each repository have in common: they outlive their age. */
const WORTH_KEEPING = `
  select max(kept.id) from runs kept where kept.state = 'succeeded' group by kept.repository
  union select max(kept.id) from runs kept where kept.due_key is not null group by kept.repository`;

export class DatabaseRunStore implements RunStore {
  constructor(private readonly database: Database) {}

  request(request: RunRequest): Promise<{ readonly run: Run; readonly joined: boolean } | undefined> {
    return this.database.write(async (manager) => {
      if (request.dueKey !== undefined && (await isUsed(manager, request.dueKey))) return undefined;
      if (request.milestone) await recordRequest(manager, request);
      const joined = await this.join(manager, request);
      if (joined !== undefined) return { run: joined, joined: true };
      await manager.createQueryBuilder().insert().into(runTable).values(newRow(request)).execute();
      const row = await byOpenKey(manager, request).getOneOrFail();
      return { run: toRun(row), joined: false };
    });
  }

  find(id: number): Promise<Run | undefined> {
    return this.database.read((manager) => findRun(manager, id));
  }

  list({ repository, states, limit }: RunQuery): Promise<readonly Run[]> {
    return this.database.read(async (manager) => {
      const query = runs(manager).orderBy('run.id', 'DESC');
      if (repository !== undefined) query.andWhere('run.repository = :repository', { repository });
      if (states !== undefined) query.andWhere('run.state in (:...states)', { states: atLeastOne(states) });
      if (limit !== undefined) query.limit(limit);
      return (await query.getMany()).map(toRun);
    });
  }

  async lastSucceeded(repository: RepositoryName): Promise<Run | undefined> {
    return (await this.list({ repository, states: ['succeeded'], limit: 1 }))[0];
  }

  start(id: number, at: Date): Promise<Run | undefined> {
    return this.database.write(async (manager) => {
      const { affected } = await changing(manager, {
        state: 'running',
        step: null,
        attempt: () => 'attempt + 1',
        startedAt: () => 'coalesce(started_at, :at)',
      })
        .where('id = :id and open_key is not null', { id, at: at.getTime() })
        .execute();
      return affected === 1 ? findRun(manager, id) : undefined;
    });
  }

  step(attempt: RunAttempt, step: string): Promise<boolean> {
    return this.change({ step }, attempt);
  }

  interrupt(attempt: RunAttempt, { inGoodOrder } = { inGoodOrder: false }): Promise<boolean> {
    const stops = inGoodOrder ? { stops: () => 'stops + 1' } : {};
    return this.change({ state: 'interrupted', step: null, ...stops }, attempt);
  }

  finish(run: RunAttempt | Pick<Run, 'id'>, outcome: RunOutcome): Promise<boolean> {
    const ended = {
      state: outcome.state,
      finishedAt: outcome.at.getTime(),
      step: null,
      openKey: null,
      snapshot: outcome.snapshot ?? null,
      added: outcome.changes?.added ?? null,
      changed: outcome.changes?.changed ?? null,
      removed: outcome.changes?.removed ?? null,
      errorCode: outcome.errorCode ?? null,
      error: outcome.error ?? null,
    };
    return this.change(ended, run);
  }

  openSince(instant: Date): Promise<readonly Run[]> {
    return this.database.read(async (manager) => {
      const rows = await runs(manager)
        .where('run.open_key is not null and run.requested_at < :instant', { instant: instant.getTime() })
        .orderBy('run.id')
        .getMany();
      return rows.map(toRun);
    });
  }

  appendLog(id: number, text: string): Promise<void> {
    return this.database.write(async (manager) => {
      const last = await manager
        .createQueryBuilder(runLogTable, 'log')
        .select('max(log.part)', 'part')
        .where('log.run_id = :id', { id })
        .getRawOne<{ part: number | null }>();
      const values = { runId: id, part: (last?.part ?? 0) + 1, content: text };
      await manager.createQueryBuilder().insert().into(runLogTable).values(values).execute();
    });
  }

  log(id: number, from: number): Promise<readonly LogChunk[]> {
    return this.database.read(async (manager) => {
      const rows = await manager
        .createQueryBuilder(runLogTable, 'log')
        .where('log.run_id = :id and log.part >= :from', { id, from })
        .orderBy('log.part')
        .getMany();
      return rows.map(({ part, content }) => ({ part, text: content }));
    });
  }

  sweep(instant: Date): Promise<number> {
    return this.database.write(async (manager) => {
      const { affected } = await manager
        .createQueryBuilder()
        .delete()
        .from(runTable)
        .where('finished_at < :instant', { instant: instant.getTime() })
        .andWhere(`id not in (${WORTH_KEEPING})`)
        .execute();
      return affected ?? 0;
    });
  }

  forgetAll(repository: RepositoryName, fence: Fence): Promise<void> {
    return this.database.write(async (manager) => {
      await assertFence(manager, fence);
      await manager.delete(runTable, { repository });
    });
  }

  private async join(manager: EntityManager, request: RunRequest): Promise<Run | undefined> {
    const row = await byOpenKey(manager, request).getOne();
    if (row === null) return undefined;
    if (request.dueKey !== undefined) {
      await changing(manager, { dueKey: request.dueKey })
        .where('id = :id and due_key is null', { id: row.id })
        .execute();
    }
    return toRun(row);
  }

  /** Changes the open run, or only that attempt of it while it runs. */
  private change(changes: Changes, run: RunAttempt | Pick<Run, 'id'>): Promise<boolean> {
    return this.database.write(async (manager) => {
      const query = changing(manager, changes).where('id = :id and open_key is not null', { id: run.id });
      if ('attempt' in run) query.andWhere("state = 'running' and attempt = :attempt", { attempt: run.attempt });
      const { affected } = await query.execute();
      return affected === 1;
    });
  }
}

type Changes = { readonly [Column in keyof RunRow]?: RunRow[Column] | (() => string) };

const changing = (manager: EntityManager, changes: Changes): UpdateQueryBuilder<RunRow> =>
  manager.createQueryBuilder().update(runTable).set(changes);

const runs = (manager: EntityManager): SelectQueryBuilder<RunRow> => manager.createQueryBuilder(runTable, 'run');

const byOpenKey = (manager: EntityManager, request: RunRequest): SelectQueryBuilder<RunRow> =>
  runs(manager).where('run.open_key = :key', { key: openKey(request) });

const recordRequest = (manager: EntityManager, { repository, at, act, milestone }: RunRequest): Promise<void> =>
  recordAudit(manager, at, act, {
    action: 'request-milestone',
    subject: `repository:${repository}`,
    details: { ...milestone },
  });

const isUsed = (manager: EntityManager, key: string): Promise<boolean> =>
  runs(manager).where('run.due_key = :key', { key }).getExists();

async function findRun(manager: EntityManager, id: number): Promise<Run | undefined> {
  const row = await runs(manager).where('run.id = :id', { id }).getOne();
  return row === null ? undefined : toRun(row);
}

/** `in ()` is no SQL; no run is in the state "". */
const atLeastOne = (states: readonly string[]): readonly string[] => (states.length === 0 ? [''] : states);
