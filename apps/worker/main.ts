import 'reflect-metadata';

import { assertRightUser } from '#libs/composition/assert-right-user.js';
import { composeModules } from '#libs/composition/compose-modules.js';
import { runProgram, type RunningProgram } from '#libs/composition/run-program.js';
import { loadConfig } from '#libs/config/load-config.js';
import { readEnvironment } from '#libs/config/read-environment.js';
import { SECOND } from '#libs/kernel/duration.js';

import { WorkerModule } from './worker.module.js';
import { Worker } from './worker.js';

/** Commands get 10 s to end; whoever stops us may kill us after 20 (trust 2.8). */
const LONGEST_STOP_MS = 20 * SECOND;

/** `--once`: do what is ready, then end. `--force`: also in a maintenance. */
async function start(): Promise<RunningProgram> {
  const config = loadConfig(readEnvironment(process.env));
  assertRightUser(config);
  const [once, force] = [process.argv.includes('--once'), process.argv.includes('--force')];
  const { concurrency } = config.worker;
  const module = WorkerModule.register(composeModules(config, { service: 'worker' }));
  const worker = await Worker.start(module, { concurrency, once, force });
  worker.log.info('worker works', { concurrency });
  return {
    log: worker.log,
    stop: () => worker.stop(),
    isOutdated: worker.isOutdated,
    heartbeat: { file: config.app.heartbeatFile, isWell: worker.isWell },
    done: once ? worker.idle : undefined,
  };
}

void runProgram(start, { longestStopMs: LONGEST_STOP_MS });
