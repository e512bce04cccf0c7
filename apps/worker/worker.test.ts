import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { partOf } from '#libs/composition/part-of.js';
import { composeModules } from '#libs/composition/compose-modules.js';
import { type Config } from '#libs/config/config.js';
import { environmentOf } from '#libs/config/testing/environment-of.js';
import { loadConfig } from '#libs/config/load-config.js';
import { countJobs } from '#libs/jobs/testing/count-jobs.js';
import { actor } from '#libs/kernel/actor.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { until } from '#libs/kernel/testing/until.js';
import { BeginMaintenance } from '#libs/maintenance/begin-maintenance.js';
import { EndMaintenance } from '#libs/maintenance/end-maintenance.js';
import { LOG } from '#libs/observability/log.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { LEASES } from '#libs/persistence/lease.js';
import { RegisterRepository } from '#libs/repositories/register-repository.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';
import { RequestRun } from '#libs/syncing/request-run.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { WorkerModule } from './worker.module.js';
import { Worker } from './worker.js';

const act = { actor: actor('cli', 'test') };
const debian = repositoryName('debian');
const alpine = repositoryName('alpine');

/** Another process: the command line, a look at the result. */
@Module({})
class BesideModule {}

describe('Worker', () => {
  let folder: string;
  let config: Config;
  let beside: INestApplicationContext;
  let log: RecordedLog;

  beforeEach(async () => {
    log = new RecordedLog();
    folder = mkdtempSync(join(tmpdir(), 'parceler-worker-'));
    config = loadConfig(
      environmentOf({
        STORAGE_PATH: folder,
        APP_KEY: randomBytes(32).toString('base64'),
        LOG_LEVEL: 'silent',
        PATH: process.env['PATH'],
      }),
    );
    const imports = Object.values(composeModules(config, { service: 'cli' }));
    beside = await NestFactory.createApplicationContext(
      { module: BesideModule, imports },
      { logger: false, abortOnError: false },
    );
  });
  afterEach(async () => {
    await beside.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const runs = () => partOf(beside, RUN_STORE);
  const snapshots = () => partOf(beside, SNAPSHOT_STORE).list(debian);
  const start = (once: boolean, force = false) => {
    const modules = composeModules(config, { service: 'worker' });
    modules.observability.providers?.push({ provide: LOG, useValue: log });
    return Worker.start(WorkerModule.register(modules), { concurrency: 2, once, force });
  };
  const requested = async (command: string, name = debian): Promise<number> => {
    await beside.get(RegisterRepository, { strict: false }).run({ name, command }, act);
    return (await beside.get(RequestRun, { strict: false }).run(name, act)).run.id;
  };

  it('does what is queued, and nothing else is left to do', async () => {
    const id = await requested('echo one > "$SOURCE_DIR/a"');
    const worker = await start(true);
    await worker.idle;
    await worker.stop();
    expect(await runs().find(id)).toMatchObject({ state: 'succeeded', changes: { added: 1 } });
    expect(await snapshots()).toMatchObject([{ state: 'complete', files: 1 }]);
    for (const state of ['waiting', 'failed'] as const) expect(countJobs(join(folder, 'queue.sqlite'), state)).toBe(0);
  });

  it('gives back what it is busy with when it is stopped, and the next one goes on (T-20, I-31)', async () => {
    const go = join(folder, 'go');
    const id = await requested(
      `touch "$SOURCE_DIR/begun"; while [ ! -e '${go}' ]; do sleep 0.05; done; touch "$SOURCE_DIR/done"`,
    );
    const first = await start(false);
    await until(() => existsSync(join(config.source.root, 'source/debian/begun')));
    await first.stop();
    expect(await runs().find(id)).toMatchObject({ state: 'interrupted', attempt: 1 });
    expect(await partOf(beside, LEASES).list('repository:')).toEqual([]);
    writeFileSync(go, '');
    const second = await start(true);
    await second.idle;
    await second.stop();
    expect(await runs().find(id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  describe('in a maintenance (T-143)', () => {
    const down = () => partOf(beside, BeginMaintenance).run({}, act);
    const up = () => partOf(beside, EndMaintenance).run(act);
    const hasEnded = async (id: number): Promise<boolean> => (await runs().find(id))?.finishedAt !== undefined;

    it('brings to its end what it has begun, begins nothing else, and goes on when that is over', async () => {
      const go = join(folder, 'go');
      const first = await requested(
        `touch "$SOURCE_DIR/begun"; while [ ! -e '${go}' ]; do sleep 0.05; done; touch "$SOURCE_DIR/done"`,
      );
      const worker = await start(false);
      await until(() => existsSync(join(config.source.root, 'source/debian/begun')));
      await down();
      await until(() => log.of('maintenance is on').length > 0);
      const second = await requested('touch "$SOURCE_DIR/a"', alpine);
      writeFileSync(go, '');
      await until(() => hasEnded(first));
      expect(await runs().find(first)).toMatchObject({ state: 'succeeded', attempt: 1 });
      expect(await runs().find(second)).toMatchObject({ state: 'queued', attempt: 0 });
      await up();
      await until(() => hasEnded(second));
      expect(await runs().find(second)).toMatchObject({ state: 'succeeded' });
      await worker.stop();
    });

    it('touches nothing when it starts in one, and looks at what happened by hand when that is over', async () => {
      await requested('touch "$SOURCE_DIR/a"');
      const before = await start(true);
      await before.idle;
      await before.stop();
      const [snapshot] = await snapshots();
      await down();
      rmSync(join(config.source.root, 'snapshots/debian', snapshot?.id ?? ''), { recursive: true });
      const id = await requested('touch "$SOURCE_DIR/a"', alpine);
      const worker = await start(false);
      expect(await snapshots()).toHaveLength(1);
      await up();
      await until(() => hasEnded(id));
      expect(await snapshots()).toEqual([]);
      await worker.stop();
    });

    it('ends at once, and says why, when it is to do what is ready; forced, it does that', async () => {
      const id = await requested('touch "$SOURCE_DIR/a"');
      await down();
      await expect(start(true)).rejects.toMatchObject({ kind: 'unavailable', code: 'NOTHING_BEGINS' });
      expect(await runs().find(id)).toMatchObject({ state: 'queued' });
      const forced = await start(true, true);
      await forced.idle;
      await forced.stop();
      expect(await runs().find(id)).toMatchObject({ state: 'succeeded' });
    });
  });

  it('follows the hand that removed a snapshot, when it starts (T-38)', async () => {
    await requested('touch "$SOURCE_DIR/a"');
    const first = await start(true);
    await first.idle;
    await first.stop();
    const [snapshot] = await snapshots();
    rmSync(join(config.source.root, 'snapshots/debian', snapshot?.id ?? ''), { recursive: true });
    await (await start(false)).stop();
    expect(await snapshots()).toEqual([]);
  });
});
