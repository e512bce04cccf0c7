import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';

import { composeModules } from '#libs/composition/compose-modules.js';
import { environmentOf } from '#libs/config/testing/environment-of.js';
import { loadConfig } from '#libs/config/load-config.js';
import { EmbeddedQueue } from '#libs/jobs/adapters/embedded-queue.js';
import { systemClock } from '#libs/kernel/clock.js';
import { until } from '#libs/kernel/testing/until.js';
import { MaintenanceWatch } from '#libs/maintenance/maintenance-watch.js';
import { USUAL_ANSWER, type Maintenance } from '#libs/maintenance/maintenance.js';
import { LOG, silentLog, type Log } from '#libs/observability/log.js';

import { Scheduler } from './scheduler.js';
import { SchedulerModule, SCHEDULES } from './scheduler.module.js';
import { schedules, type Schedule } from './schedules.js';

const queuedNames = async (queue: EmbeddedQueue): Promise<readonly string[]> => {
  const names: string[] = [];
  for (let id = 1; ; id += 1) {
    const job = await queue.find(String(id));
    if (job === undefined) return names.toSorted();
    names.push(job.name);
  }
};

describe('the table of schedules', () => {
  let folder: string;
  let queue: EmbeddedQueue;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parceler-scheduler-'));
    queue = new EmbeddedQueue(join(folder, 'queue.sqlite'), { clock: systemClock, log: silentLog });
  });
  afterEach(async () => {
    await queue.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const asked: string[] = [];
  const table = (deleted: number) =>
    schedules({
      queueDueSyncs: { run: async () => (asked.push('due'), []) },
      requeueOpenRuns: { run: async () => (asked.push('requeue'), []) },
      repositories: { listDeleted: async () => Array.from({ length: deleted }, () => ({}) as never) },
      queue,
    });

  it('adds each job once while it waits, however many schedulers ask (T-48)', async () => {
    for (const schedule of [...table(1), ...table(1), ...table(1)]) await schedule.run();
    expect(await queuedNames(queue)).toEqual([
      'collect-garbage',
      'prune-snapshots',
      'remove-deleted-repositories',
      'sweep-runs',
    ]);
    expect(asked).toEqual(['due', 'requeue', 'due', 'requeue', 'due', 'requeue']);
  });

  it('bothers nobody about deleted repositories when there are none', async () => {
    for (const schedule of table(0)) await schedule.run();
    expect(await queuedNames(queue)).not.toContain('remove-deleted-repositories');
  });

  it('looks for due syncs and forgotten runs often enough (trust 2.3)', () => {
    expect(
      table(0)
        .slice(0, 2)
        .every(({ everyMs }) => everyMs <= 30_000),
    ).toBe(true);
  });
});

@Module({})
class TableModule {}

describe('Scheduler', () => {
  let maintenance: Maintenance | undefined;
  let commits = 0;
  const DOWN: Maintenance = { ...USUAL_ANSWER, episode: 'first', since: new Date(0), word: undefined };
  const say = (now: Maintenance | undefined): void => {
    maintenance = now;
    commits += 1;
  };
  beforeEach(() => {
    say(undefined);
  });

  const started = async (table: readonly Schedule[], log: Log = silentLog) => {
    const module: DynamicModule = {
      module: TableModule,
      imports: [ScheduleModule.forRoot()],
      providers: [
        { provide: SCHEDULES, useValue: table },
        { provide: LOG, useValue: log },
        {
          provide: MaintenanceWatch,
          useValue: new MaintenanceWatch({ find: async () => maintenance }, { version: () => commits }, silentLog),
        },
      ],
    };
    return Scheduler.start(module);
  };

  it('does everything at the start, and again when it is time, but not twice at once', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    try {
      const ends: (() => void)[] = [];
      const run = () =>
        new Promise<void>((end) => {
          ends.push(end);
        });
      const slow = { name: 'slow', everyMs: 1_000, run };
      let quick = 0;
      const scheduler = await started([slow, { name: 'quick', everyMs: 1_000, run: async () => (quick += 1) }]);
      expect([ends.length, quick]).toEqual([1, 1]);
      await jest.advanceTimersByTimeAsync(3_000);
      expect([ends.length, quick]).toEqual([1, 4]);
      ends[0]?.();
      await jest.advanceTimersByTimeAsync(1_000);
      expect([ends.length, quick]).toEqual([2, 5]);

      let stopped = false;
      const stopping = scheduler.stop().then(() => (stopped = true));
      await jest.advanceTimersByTimeAsync(5_000);
      expect([ends.length, quick, stopped]).toEqual([2, 5, false]);
      ends[1]?.();
      await stopping;
    } finally {
      jest.useRealTimers();
    }
  });

  it('does nothing in a maintenance, and when that is over what came due in it, once (T-143)', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    try {
      const done: string[] = [];
      const table = [
        { name: 'often', everyMs: 2_000, run: async () => done.push('often') },
        { name: 'seldom', everyMs: 3_600_000, run: async () => done.push('seldom') },
      ];
      say(DOWN);
      const scheduler = await started(table);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(done).toEqual([]);
      say(undefined);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(done).toEqual(['often', 'seldom']);
      await jest.advanceTimersByTimeAsync(2_000);
      expect(done).toEqual(['often', 'seldom', 'often']);

      say(DOWN);
      await jest.advanceTimersByTimeAsync(1_000);
      const before = done.length;
      await jest.advanceTimersByTimeAsync(10_000);
      expect(done).toHaveLength(before);
      say(undefined);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(done.slice(before)).toEqual(['often']);
      await scheduler.stop();
    } finally {
      jest.useRealTimers();
    }
  });

  it('logs what goes wrong, and goes on', async () => {
    const logged: unknown[] = [];
    const log = { ...silentLog, error: (...entry: unknown[]) => void logged.push(entry) };
    const scheduler = await started(
      [{ name: 'broken', everyMs: 60_000, run: () => Promise.reject(new Error('no')) }],
      log,
    );
    await until(() => logged.length > 0);
    expect(logged).toEqual([['schedule failed', { schedule: 'broken', error: 'no' }]]);
    await scheduler.stop();
  });

  it('starts from a configuration, and lets go of everything', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parceler-scheduler-'));
    try {
      const key = randomBytes(32).toString('base64');
      const config = loadConfig(environmentOf({ STORAGE_PATH: folder, APP_KEY: key, LOG_LEVEL: 'silent' }));
      const scheduler = await Scheduler.start(
        SchedulerModule.register(composeModules(config, { service: 'scheduler' })),
      );
      await scheduler.stop();
      const queue = new EmbeddedQueue(join(folder, 'queue.sqlite'), { clock: systemClock, log: silentLog });
      expect(await queuedNames(queue)).toEqual(['collect-garbage', 'prune-snapshots', 'sweep-runs']);
      await queue.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
