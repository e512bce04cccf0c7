import 'reflect-metadata';

import { composeModules } from '#libs/composition/compose-modules.js';
import { loadConfig } from '#libs/config/load-config.js';
import { readEnvironment } from '#libs/config/read-environment.js';
import { AppError, messageOf } from '#libs/kernel/errors.js';

import { SchedulerModule } from './scheduler.module.js';
import { Scheduler } from './scheduler.js';

async function main(): Promise<void> {
  const config = loadConfig(readEnvironment(process.env));
  const scheduler = await Scheduler.start(SchedulerModule.register(composeModules(config, { service: 'scheduler' })));
  const { log } = scheduler;
  log.info('scheduler watches', { schedule: config.sync.schedule, timezone: config.app.timezone });

  const end = (reason: string): void => {
    log.info('scheduler ends', { reason });
    scheduler.stop().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', end).once('SIGINT', end);
  // Our supervisor is gone: without it nobody would start us again, or end us.
  if (process.send !== undefined) process.once('disconnect', () => end('disconnect'));
  process.on('uncaughtException', (error) => {
    log.error('uncaught error', { error });
    process.exit(1); // what state we are in is not known any more
  });
  process.send?.('ready');
}

function fail(error: unknown): never {
  const hint = error instanceof AppError && error.hint !== undefined ? ` ${error.hint}` : '';
  process.stderr.write(`parceler scheduler: ${messageOf(error)}${hint}\n`);
  process.exit(1);
}

main().catch(fail);
