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
import { LEASES } from '#libs/persistence/lease.js';
import { RegisterRepository } from '#libs/repositories/register-repository.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';
import { RequestRun } from '#libs/syncing/request-run.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { WorkerModule } from './worker.module.js';
import { Worker } from './worker.js';

const act = { actor: actor('cli', 'test') };
const debian = repositoryName('debian');

/** Another process: the command line, a look at the result. */
@Module({})
class BesideModule {}

describe('Worker', () => {
  let folder: string;
  let config: Config;
  let beside: INestApplicationContext;

  beforeEach(async () => {
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
  const start = (once: boolean) =>
    Worker.start(WorkerModule.register(composeModules(config, { service: 'worker' })), { concurrency: 2, once });
  const requested = async (command: string): Promise<number> => {
    await beside.get(RegisterRepository, { strict: false }).run({ name: 'debian', command }, act);
    return (await beside.get(RequestRun, { strict: false }).run(debian, act)).run.id;
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
    await until(() => existsSync(join(config.disk.root, 'source/debian/begun')));
    await first.stop();
    expect(await runs().find(id)).toMatchObject({ state: 'interrupted', attempt: 1 });
    expect(await partOf(beside, LEASES).list('repository:')).toEqual([]);
    writeFileSync(go, '');
    const second = await start(true);
    await second.idle;
    await second.stop();
    expect(await runs().find(id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  it('follows the hand that removed a snapshot, when it starts (T-38)', async () => {
    await requested('touch "$SOURCE_DIR/a"');
    const first = await start(true);
    await first.idle;
    await first.stop();
    const [snapshot] = await snapshots();
    rmSync(join(config.disk.root, 'snapshots/debian', snapshot?.id ?? ''), { recursive: true });
    await (await start(false)).stop();
    expect(await snapshots()).toEqual([]);
  });
});
