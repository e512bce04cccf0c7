import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { type Repository } from './repository.js';

/**
 * Does something for each of these repositories, one after the other. What goes wrong with one is logged, and does not
 * keep the others waiting; the first error is thrown at the end.
 */
export async function eachRepository(
  repositories: readonly Repository[],
  log: Log,
  work: (repository: Repository) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  for (const repository of repositories) {
    signal?.throwIfAborted();
    try {
      await work(repository);
    } catch (error) {
      log.warn('upkeep of a repository failed', { repository: repository.name, error: messageOf(error) });
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
