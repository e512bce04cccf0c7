import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { parseEnvFile } from './env-file.js';
import { type Environment } from './environment.js';

/**
 * The environment of a process, with the file `.env` in its working directory.
 *
 * @throws AppError `ENV_FILE_UNREADABLE`
 */
export const readEnvironment = (given: NodeJS.ProcessEnv, directory = process.cwd()): Environment => ({
  directory,
  given,
  file: parseEnvFile(contentOf(join(directory, '.env'))),
});

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return '';
    throw new AppError('invalid', 'ENV_FILE_UNREADABLE', `The file ${file} cannot be read.`, {
      hint: 'Make it a file that the user who runs Parceler may read.',
      cause,
    });
  }
}
