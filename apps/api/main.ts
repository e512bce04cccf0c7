import 'reflect-metadata';

import { composeModules } from '#libs/composition/compose-modules.js';
import { loadConfig } from '#libs/config/load-config.js';
import { readEnvironment } from '#libs/config/read-environment.js';
import { AppError, messageOf } from '#libs/kernel/errors.js';

import { ApiModule } from './api.module.js';
import { Api } from './api.js';

async function main(): Promise<void> {
  const started: { api?: Api } = {};
  const end = (reason: string): void => {
    const { api } = started;
    if (api === undefined) process.exit(0); // nothing is under way yet
    api.log.info('api ends', { reason });
    api.stop().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', end).once('SIGINT', end);
  // When our supervisor is gone nobody would start us again, or end us.
  if (process.send !== undefined) process.once('disconnect', () => end('disconnect'));

  const config = loadConfig(readEnvironment(process.env));
  const api = await Api.start(ApiModule.register(composeModules(config, { service: 'api' })), config);
  started.api = api;
  const { log } = api;
  process.on('uncaughtException', (error) => {
    log.error('uncaught error', { error });
    process.exit(1); // what state we are in is not known any more
  });
  log.info('api listens', { host: config.http.host, port: config.http.port });
  process.send?.('ready');
}

function fail(error: unknown): never {
  const hint = error instanceof AppError && error.hint !== undefined ? ` ${error.hint}` : '';
  process.stderr.write(`parceler api: ${messageOf(error)}${hint}\n`);
  process.exit(1);
}

main().catch(fail);
