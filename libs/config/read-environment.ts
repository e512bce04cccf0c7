import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { AppError } from '#libs/kernel/errors.js';

/**
 * The environment of a process, completed by the file `.env` in its working directory; what the process was given wins.
 *
 * @throws AppError `ENV_FILE_UNREADABLE`
 */
export function readEnvironment(given: NodeJS.ProcessEnv, directory = process.cwd()): NodeJS.ProcessEnv {
  return { ...parseEnv(contentOf(join(directory, '.env'))), ...given };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new AppError('invalid', 'ENV_FILE_UNREADABLE', `The file ${file} cannot be read.`, {
      hint: 'Make it a file that the user who runs Parceler may read.',
      cause,
    });
  }
}
