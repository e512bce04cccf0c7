import 'reflect-metadata';

import { composeModules } from '#libs/composition/compose-modules.js';
import { loadConfig } from '#libs/config/load-config.js';
import { readEnvironment } from '#libs/config/read-environment.js';
import { SECOND } from '#libs/kernel/duration.js';
import { AppError, messageOf } from '#libs/kernel/errors.js';

import { WorkerModule } from './worker.module.js';
import { Worker } from './worker.js';

/** Commands get 10 s to end; whoever stops us may kill us after 20 (trust 2.8). */
const LONGEST_STOP_MS = 20 * SECOND;

/** `--once`: do what is ready, then end. */
async function main(): Promise<void> {
  const config = loadConfig(readEnvironment(process.env));
  const once = process.argv.includes('--once');
  const module = WorkerModule.register(composeModules(config, { service: 'worker' }));
  const worker = await Worker.start(module, { concurrency: config.worker.concurrency, once });
  const { log } = worker;
  log.info('worker works', { concurrency: config.worker.concurrency });

  const end = (reason: string): void => {
    log.info('worker ends', { reason });
    setTimeout(() => {
      log.error('worker did not end in time');
      process.exit(1);
    }, LONGEST_STOP_MS).unref();
    worker.stop().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', end).once('SIGINT', end);
  // Our supervisor is gone: without it nobody would start us again, or end us.
  if (process.send !== undefined) process.once('disconnect', () => end('disconnect'));
  process.on('uncaughtException', (error) => {
    log.error('uncaught error', { error });
    process.exit(1); // what state we are in is not known any more
  });
  process.send?.('ready');
  if (once) void worker.idle.then(() => end('idle'));
}

function fail(error: unknown): never {
  const hint = error instanceof AppError && error.hint !== undefined ? ` ${error.hint}` : '';
  process.stderr.write(`parceler worker: ${messageOf(error)}${hint}\n`);
  process.exit(1);
}

main().catch(fail);
