import 'reflect-metadata';

import { assertRightUser } from '#libs/composition/assert-right-user.js';
import { composeModules } from '#libs/composition/compose-modules.js';
import { runProgram, type RunningProgram } from '#libs/composition/run-program.js';
import { loadConfig } from '#libs/config/load-config.js';
import { readEnvironment } from '#libs/config/read-environment.js';

import { SchedulerModule } from './scheduler.module.js';
import { Scheduler } from './scheduler.js';

async function start(): Promise<RunningProgram> {
  const config = loadConfig(readEnvironment(process.env));
  assertRightUser(config);
  const scheduler = await Scheduler.start(SchedulerModule.register(composeModules(config, { service: 'scheduler' })));
  scheduler.log.info('scheduler watches', { schedule: config.sync.schedule, timezone: config.app.timezone });
  return {
    log: scheduler.log,
    stop: () => scheduler.stop(),
    isOutdated: scheduler.isOutdated,
    heartbeat: { file: config.app.heartbeatFile, isWell: scheduler.isWell },
  };
}

void runProgram(start);
