import { repositoryName, type RepositoryName } from '#libs/kernel/ids.js';

import { repositoryExists } from './repository-errors.js';
import { type RepositoryStore } from './repository-store.js';

/**
 * A name that a new repository could have just now, for whoever wants to know before anything else is asked.
 *
 * @throws AppError `INVALID_REPOSITORY_NAME`, `REPOSITORY_EXISTS`
 */
export async function freeName(
  repositories: Pick<RepositoryStore, 'find' | 'listDeleted'>,
  text: string,
): Promise<RepositoryName> {
  const name = repositoryName(text);
  if ((await repositories.find(name)) !== undefined) throw repositoryExists(name, false);
  const isBeingRemoved = (await repositories.listDeleted()).some((deleted) => deleted.name === name);
  if (isBeingRemoved) throw repositoryExists(name, true);
  return name;
}
