import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

export const nothingServed = (name: RepositoryName): AppError =>
  new AppError('conflict', 'NOTHING_SERVED', `"${name}" has no snapshot that could be served.`, {
    hint: `repository:sync ${name} makes one.`,
  });
