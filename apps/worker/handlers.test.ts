import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { JobNotReady, type JobHandler } from '#libs/jobs/job.js';
import { actor } from '#libs/kernel/actor.js';
import { AppError } from '#libs/kernel/errors.js';
import { silentLog } from '#libs/observability/log.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { type Repository } from '#libs/repositories/repository.js';

import { assertAllHandled, declaredJobs, handlers, type WorkerUseCases } from './handlers.js';

const LIBS = resolve(__dirname, '../../libs');
const signal = new AbortController().signal;
const worker = actor('worker', 'test');

/** Use cases that only note what they were asked. */
function noting(changes: Partial<WorkerUseCases> = {}) {
  const asked: unknown[] = [];
  const note = (what: string) => ({
    run: (...args: unknown[]) => {
      asked.push([what, ...args]);
      return Promise.resolve({ unreadable: [] } as never);
    },
  });
  const use: WorkerUseCases = {
    syncRepository: note('sync'),
    releaseMilestone: note('release'),
    pruneSnapshots: note('prune'),
    collectGarbage: note('collect'),
    removeDeletedRepositories: note('remove'),
    sweepRuns: note('sweep'),
    repositories: { list: () => Promise.resolve([{ name: 'debian' } as Repository]) },
    log: silentLog,
    worker,
    ...changes,
  };
  return { asked, table: handlers(use) };
}

describe('the table of handlers', () => {
  const handle = async (table: readonly JobHandler[], name: string, data?: unknown) => {
    const handler = table.find(({ job }) => job.name === name);
    if (handler === undefined) throw new Error(`no handler for ${name}`);
    const context = { signal, progress: () => Promise.resolve() };
    await handler.handle(handler.job.parse(data), context);
  };
  const act = { actor: worker };

  it.each([
    ['sync-repository', { run: 12 }, ['sync', 12, signal]],
    ['release-milestone', { run: 12 }, ['release', 12, signal]],
    ['remove-deleted-repositories', undefined, ['remove', act]],
    ['sweep-runs', undefined, ['sweep']],
    ['prune-snapshots', undefined, ['prune', 'debian', act]],
    ['collect-garbage', undefined, ['collect', { dryRun: false, owner: worker, signal }]],
  ])('does %s', async (job, data, expected) => {
    const { asked, table } = noting();
    await handle(table, job, data);
    expect(asked).toEqual([expected]);
  });

  it('handles every job that is declared, and does not start otherwise', () => {
    const { table } = noting();
    expect(table.map(({ job }) => job.name).toSorted()).toEqual(declaredJobs().toSorted());
    expect(() => assertAllHandled(table)).not.toThrow();
    expect(() => assertAllHandled(table.slice(1))).toThrow('jobs without a handler: sync-repository');
  });

  it('knows every place where jobs are declared', () => {
    const declared = readdirSync(LIBS, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.includes('testing/'))
      .flatMap((file) => [...readFileSync(join(LIBS, file), 'utf8').matchAll(/= defineJob[\s\S]*?name: '([a-z-]+)'/g)])
      .map(([, name]) => name);
    expect(declared.length).toBeGreaterThan(3);
    expect(declaredJobs().toSorted()).toEqual(declared.toSorted());
  });

  it('tells of manifests that cannot be read when it collects garbage', async () => {
    const log = new RecordedLog();
    const unreadable = [{ repository: 'debian', id: '20260114T103045Z', because: 'It is torn.' }];
    const { table } = noting({ log, collectGarbage: { run: () => Promise.resolve({ unreadable } as never) } });
    await handle(table, 'collect-garbage');
    expect(log.of('a manifest cannot be read; what it needs was kept')).toEqual(unreadable);
  });

  it('collects garbage later when a snapshot is being taken', async () => {
    const busy = new AppError('unavailable', 'BLOBS_BUSY', 'Later.');
    const { table } = noting({ collectGarbage: { run: () => Promise.reject(busy) } });
    await expect(handle(table, 'collect-garbage')).rejects.toBeInstanceOf(JobNotReady);
  });
});
