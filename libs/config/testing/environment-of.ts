import { NO_ENV_FILE } from '../env-file.js';
import { type Environment } from '../environment.js';

/** What a process knows that has no `.env`. */
export const environmentOf = (given: NodeJS.ProcessEnv, directory = process.cwd()): Environment => ({
  directory,
  given,
  file: NO_ENV_FILE,
});
