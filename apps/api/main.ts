import 'reflect-metadata';

import { assertRightUser } from '#libs/composition/assert-right-user.js';
import { composeModules } from '#libs/composition/compose-modules.js';
import { runProgram } from '#libs/composition/run-program.js';
import { loadConfig } from '#libs/config/load-config.js';
import { readEnvironment } from '#libs/config/read-environment.js';

import { ApiModule } from './api.module.js';
import { Api } from './api.js';

async function start(): Promise<Api> {
  const config = loadConfig(readEnvironment(process.env));
  assertRightUser(config);
  const api = await Api.start(ApiModule.register(composeModules(config, { service: 'api' })), config);
  api.log.info('api listens', { host: config.http.host, port: config.http.port });
  return api;
}

void runProgram(start);
